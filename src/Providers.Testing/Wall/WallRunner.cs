using Microsoft.Extensions.AI;

namespace Providers.Testing.Wall;

/// <summary>Runs one scenario: stands the targets up, builds the subject, calls it, moves the clock, hears the judge.</summary>
internal sealed class WallRunner(FaultWallScenario scenario, FaultWallOptions options, IVirtualClock? virtualClock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(400);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _clock = virtualClock?.Provider ?? TimeProvider.System;
    private readonly double _scale = virtualClock is null ? options.TimeScale : 1;

    private bool Streaming => options.Streaming ?? scenario.Streaming;

    public async Task<FaultWallResult> RunAsync(IFaultWallSubject subject, CancellationToken token)
    {
        List<TargetHost> hosts = [];
        try
        {
            // Where the wire has keys, one target holds all of them.
            int count = scenario.Needs.Keys > 0 && options.Wire is FaultWallWire.OpenAI ? 1 : scenario.Targets.Count;
            for (int i = 0; i < count; i++)
            {
                hosts.Add(await TargetHost.StartAsync(scenario.Targets[i], i, options.Wire, _scale, scenario.Embeds, _clock).ConfigureAwait(false));
            }

            FaultWallNeeds needs = scenario.Needs.Scaled(_scale);
            FaultWallSetup setup = new(scenario, needs, [.. hosts.Select(static h => h.Target)], _clock);
            FaultWallClient client;
            try
            {
                client = await subject.BuildAsync(setup, token).ConfigureAwait(false);
            }
            catch (Exception e) when (!token.IsCancellationRequested)
            {
                return new FaultWallResult(FaultWallVerdict.Fail, $"it could not be built: {e.Message}") { Scenario = scenario };
            }

            List<WallCall> calls = [];
            await using (client.ConfigureAwait(false))
            {
                for (int i = 0; i < scenario.Calls; i++)
                {
                    calls.Add(await CallAsync(client, token).ConfigureAwait(false));
                    await PauseAsync(calls[^1], token).ConfigureAwait(false);
                }
            }

            TimeSpan slack = TimeSpan.FromSeconds(1);
            WallEvidence evidence = new(needs, calls, [.. hosts.Select(static h => h.Requests)], slack, Streaming);
            return scenario.Judge(evidence) with { Scenario = scenario, Requests = evidence.Targets, Elapsed = calls.Aggregate(TimeSpan.Zero, static (sum, c) => sum + c.Elapsed) };
        }
        finally
        {
            foreach (TargetHost host in hosts)
            {
                await host.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<WallCall> CallAsync(FaultWallClient client, CancellationToken token)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        DateTimeOffset start = _clock.GetUtcNow();
        WallRecorder recorder = new(start);
        Task call = recorder.RecordAsync(client, scenario, Streaming, patience.Token);
        bool ended = await DriveAsync(call, Patience * _scale, token).ConfigureAwait(false);
        TimeSpan elapsed = _clock.GetUtcNow() - start;
        if (!ended)
        {
            await patience.CancelAsync().ConfigureAwait(false);
            await DriveAsync(call, TimeSpan.FromSeconds(2), token).ConfigureAwait(false); // a subject that ignores its token is left behind
        }

        return recorder.Call with { Hung = !ended, Elapsed = elapsed };
    }

    private async Task PauseAsync(WallCall call, CancellationToken token)
    {
        TimeSpan left = (scenario.Interval * _scale) - call.Elapsed;
        if (left > TimeSpan.Zero)
        {
            await DriveAsync(Task.Delay(left, _clock, token), left + TimeSpan.FromSeconds(1), token).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for work, moving the clock when it is virtual; false when patience ran out.</summary>
    private async Task<bool> DriveAsync(Task work, TimeSpan patience, CancellationToken token)
    {
        if (virtualClock is null)
        {
            return await Task.WhenAny(work, Task.Delay(patience, TimeProvider.System, token)).ConfigureAwait(false) == work;
        }

        for (TimeSpan waited = TimeSpan.Zero; waited < patience; waited += Step)
        {
            await SettleAsync(work).ConfigureAwait(false);
            if (work.IsCompleted)
            {
                return true;
            }

            token.ThrowIfCancellationRequested();
            virtualClock.Advance(Step);
        }

        await SettleAsync(work).ConfigureAwait(false);
        return work.IsCompleted;
    }

    /// <summary>Lets everything run that is ready to, so that the clock only moves while all wait for it.</summary>
    private static async Task SettleAsync(Task work)
    {
        for (int i = 0; i < 12 && !work.IsCompleted; i++)
        {
            await Task.Yield();
            if (i == 11 && ThreadPool.PendingWorkItemCount > 0)
            {
                i = 6; // somebody is still busy
            }
        }
    }
}
