using System.Net;
using System.Text;

namespace Providers.Http.Tests.Tokens;

/// <summary>A token endpoint that can be held up: every token is another one, for an hour.</summary>
internal sealed class TokenServer : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly List<(int Count, TaskCompletionSource Signal)> _asked = [];
    private readonly List<(int Count, TaskCompletionSource Signal)> _answered = [];
    private TaskCompletionSource? _held;
    private int _requests;
    private int _answers;

    public Func<int, HttpResponseMessage> Answer { get; set; } = static n => Json($$"""{"access_token":"token-{{n}}","token_type":"Bearer","expires_in":3600}""");

    public int Requests => Volatile.Read(ref _requests);

    public string? LastAuthorization { get; private set; }

    public string? LastBody { get; private set; }

    public static HttpResponseMessage Json(string body) => new(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _held?.TrySetResult();

    /// <summary>Waits until that many fetches have arrived.</summary>
    public Task Asked(int count) => When(_asked, count, () => _requests);

    public Task Answered(int count) => When(_answered, count, () => _answers);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        LastAuthorization = request.Headers.Authorization?.ToString();
        LastBody = await request.Content!.ReadAsStringAsync(cancellationToken);
        int number = Count(ref _requests, _asked);
        if (_held is { } held)
        {
            await held.Task.WaitAsync(cancellationToken);
        }

        HttpResponseMessage answer = Answer(number);
        Count(ref _answers, _answered);
        return answer;
    }

    private Task When(List<(int Count, TaskCompletionSource Signal)> waiters, int count, Func<int> now)
    {
        lock (_lock)
        {
            if (now() >= count)
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
            waiters.Add((count, signal));
            return signal.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
    }

    private int Count(ref int counter, List<(int Count, TaskCompletionSource Signal)> waiters)
    {
        lock (_lock)
        {
            int number = ++counter;
            foreach ((int count, TaskCompletionSource signal) in waiters)
            {
                if (number >= count)
                {
                    signal.TrySetResult();
                }
            }

            return number;
        }
    }
}
