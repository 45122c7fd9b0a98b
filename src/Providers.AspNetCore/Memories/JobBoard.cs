using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.Memories;

/// <summary>Work that goes on after its request was answered: of a bounded number, each seen by its tenant alone. It ends with the host.</summary>
internal sealed class JobBoard(TimeProvider clock, ILogger<JobBoard> logger) : IAsyncDisposable
{
    private const int Most = 1000;

    private readonly ConcurrentDictionary<string, Job> _jobs = new(StringComparer.Ordinal);

    /// <summary>Starts a job.</summary>
    /// <param name="work">Does it and says how many memories it dealt with; everything it does may be done again.</param>
    public JobView Start(string tenant, string kind, Func<CancellationToken, Task<long>> work)
    {
        Trim();
        Job job = new(tenant, kind, clock.GetUtcNow());
        _jobs[job.Id] = job;
        job.Work = RunAsync(job, work);
        return job.View();
    }

    public JobView? Find(string tenant, string id) => _jobs.TryGetValue(id, out Job? job) && job.Tenant == tenant ? job.View() : null;

    public async Task<JobView?> CancelAsync(string tenant, string id)
    {
        if (!_jobs.TryGetValue(id, out Job? job) || job.Tenant != tenant)
        {
            return null;
        }

        await job.Stop.CancelAsync().ConfigureAwait(false);
        return job.View();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Job job in _jobs.Values)
        {
            await job.Stop.CancelAsync().ConfigureAwait(false);
            await job.Work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            job.Dispose();
        }
    }

    private async Task RunAsync(Job job, Func<CancellationToken, Task<long>> work)
    {
        await Task.Yield();
        try
        {
            long count = await work(job.Stop.Token).ConfigureAwait(false);
            job.End("succeeded", clock.GetUtcNow(), count, null);
        }
        catch (OperationCanceledException) when (job.Stop.IsCancellationRequested)
        {
            job.End("cancelled", clock.GetUtcNow(), null, null);
        }
        catch (Exception e)
        {
            logger.JobFailed(e, job.Kind, job.Id);
            job.End("failed", clock.GetUtcNow(), null, ErrorMapper.Map(e, CancellationToken.None)?.Detail ?? "Something failed here. The operator finds the cause under this job's id.");
        }
    }

    private void Trim()
    {
        foreach (Job old in _jobs.Count < Most ? [] : _jobs.Values.Where(static j => j.Work.IsCompleted).OrderBy(static j => j.Started).Take(Most / 4).ToArray())
        {
            if (_jobs.TryRemove(old.Id, out _))
            {
                old.Dispose();
            }
        }

        if (_jobs.Count >= Most)
        {
            throw new ApiException(new ApiError("overloaded", $"{Most} jobs are running.") { RetryAfter = TimeSpan.FromSeconds(5) });
        }
    }

    private sealed class Job(string tenant, string kind, DateTimeOffset started) : IDisposable
    {
        private volatile JobView _view = new(Guid.CreateVersion7(started).ToString("D"), kind, "running", started);

        public string Id => _view.Id;

        public string Tenant => tenant;

        public string Kind => kind;

        public DateTimeOffset Started => started;

        public CancellationTokenSource Stop { get; } = new();

        public Task Work { get; set; } = Task.CompletedTask;

        public JobView View() => _view;

        public void Dispose() => Stop.Dispose();

        public void End(string status, DateTimeOffset at, long? count, string? error) => _view = _view with { Status = status, EndedAt = at, Count = count, Error = error };
    }
}
