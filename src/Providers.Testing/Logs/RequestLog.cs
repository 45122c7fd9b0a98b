namespace Providers.Testing.Logs;

/// <summary>Collects requests; one waits for the n-th of them instead of sleeping.</summary>
internal sealed class RequestLog(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<LoggedRequest> _requests = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];

    public IReadOnlyList<LoggedRequest> Snapshot()
    {
        lock (_gate)
        {
            return [.. _requests];
        }
    }

    public LoggedRequest Add(string path, string? model, string body, IReadOnlyDictionary<string, string>? headers = null)
    {
        lock (_gate)
        {
            LoggedRequest request = new(_requests.Count, clock.GetUtcNow(), path, model, body) { Headers = headers ?? new Dictionary<string, string>() };
            _requests.Add(request);
            foreach ((_, TaskCompletionSource reached) in _waiters.Where(w => w.Count <= _requests.Count))
            {
                reached.TrySetResult();
            }

            _waiters.RemoveAll(w => w.Count <= _requests.Count);
            return request;
        }
    }

    public void End(LoggedRequest request) => request.End(clock.GetUtcNow());

    public Task WhenAsync(int count, CancellationToken token)
    {
        lock (_gate)
        {
            if (_requests.Count >= count)
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(token);
        }
    }
}
