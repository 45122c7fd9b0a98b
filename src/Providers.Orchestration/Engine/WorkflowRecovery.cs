using System.Text.Json;
using System.Threading.Channels;

namespace Providers.Orchestration;

/// <summary>Goes on with what is open and does not run here: what was when the host stopped, and starts of which nobody knows whether they were written.</summary>
internal sealed class WorkflowRecovery(IWorkflowStore store, RunServices services, WorkflowRoom room, Func<string, string, CancellationToken, Task<WorkflowRun?>> attach)
{
    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Asks for a look at what is open; done soon, and again until all of it could be read.</summary>
    public void Look() => _wanted.Writer.TryWrite(true);

    /// <summary>Looks whenever that was asked for, until the host stops. A store that is away is waited for.</summary>
    public async Task RunAsync()
    {
        TimeSpan delay = TimeSpan.FromSeconds(1);
        while (true)
        {
            await _wanted.Reader.ReadAsync(services.Stopping).ConfigureAwait(false);
            if (await LookAsync(delay).ConfigureAwait(false))
            {
                delay = TimeSpan.FromSeconds(1);
                continue;
            }

            await Task.Delay(delay, services.Clock, services.Stopping).ConfigureAwait(false);
            delay = delay < TimeSpan.FromSeconds(30) ? delay * 2 : delay;
            Look();
        }
    }

    /// <returns>Whether everything that is open runs here now.</returns>
    private async Task<bool> LookAsync(TimeSpan delay)
    {
        int count = 0;
        bool all = true;
        try
        {
            await foreach ((string tenant, string id) in store.ListOpenAsync(services.Stopping).ConfigureAwait(false))
            {
                try
                {
                    count += await GoOnAsync(tenant, id).ConfigureAwait(false) ? 1 : 0;
                }
                catch (Exception e) when (e is InvalidDataException or JsonException)
                {
                    services.Log.Damaged(id, delay.TotalSeconds, e); // the others are none the worse for it
                    all = false;
                }
            }
        }
        catch (Exception e) when (!services.Stopping.IsCancellationRequested)
        {
            services.Log.RecoveryFailed(delay.TotalSeconds, e);
            all = false;
        }

        if (count > 0)
        {
            services.Log.Recovered(count);
        }

        return all;
    }

    /// <summary>Lets an open workflow run here; what is left of one that has ended, or never was, is cleared away.</summary>
    private async Task<bool> GoOnAsync(string tenant, string id)
    {
        if (await attach(tenant, id, services.Stopping).ConfigureAwait(false) is not null)
        {
            return true;
        }

        if (!services.Stopping.IsCancellationRequested && !room.IsStarting(id))
        {
            RunState? there = (await store.LoadAsync(tenant, id, services.Stopping).ConfigureAwait(false))?.State;
            if (there is null or { IsEnded: true })
            {
                await store.CloseAsync(tenant, id, there is null ? null : there.Updated + TimeSpan.FromDays(services.Options.RetentionDays), services.Stopping).ConfigureAwait(false);
            }
        }

        return false;
    }
}
