using System.Net.Sockets;

namespace Providers.Mlx;

/// <summary>Waits until a started process listens, and then until it generates: each with its own deadline, both ended by the process's end.</summary>
internal sealed class Readiness(LaunchPlan plan, OneTokenProbe probe, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary><see langword="null"/> when the server generates, else why it will not.</summary>
    public async Task<ServerEnd?> WaitAsync(ServerProcess process, Uri endpoint, CancellationToken cancellationToken)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<ServerEnd?> ready = ReadyAsync(process, endpoint, ended.Token);
        await Task.WhenAny(ready, process.Exited).ConfigureAwait(false);
        if (ready.IsCompletedSuccessfully && !process.Exited.IsCompleted)
        {
            return await ready.ConfigureAwait(false);
        }

        await ended.CancelAsync().ConfigureAwait(false);
        await ((Task)ready).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return ServerEnd.OfExit(await process.Exited.ConfigureAwait(false), process.Output, TimeSpan.Zero);
    }

    private async Task<ServerEnd?> ReadyAsync(ServerProcess process, Uri endpoint, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        while (!await ListensAsync(endpoint, cancellationToken).ConfigureAwait(false))
        {
            if (clock.GetElapsedTime(started) >= plan.ListenTimeout)
            {
                return ServerEnd.Of(FailureKind.TimedOut,
                    $"It did not listen on {endpoint} within {plan.ListenTimeout.TotalSeconds:F1} s; see its output, or raise Launch:ListenTimeout.", process.Output);
            }

            await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
        }

        return await GeneratesAsync(process, endpoint, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ServerEnd?> GeneratesAsync(ServerProcess process, Uri endpoint, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        while (true)
        {
            TimeSpan left = plan.LoadTimeout - clock.GetElapsedTime(started);
            ProbeResult result = left > TimeSpan.Zero
                ? await probe.AskAsync(endpoint, left, cancellationToken).ConfigureAwait(false)
                : new ProbeResult(ProbeOutcome.Silent);
            switch (result.Outcome)
            {
                case ProbeOutcome.Generates:
                    return null;
                case ProbeOutcome.Silent:
                    return ServerEnd.Of(FailureKind.TimedOut,
                        $"It listened on {endpoint} but gave no token within {plan.LoadTimeout.TotalSeconds:F1} s; see its output, or raise Launch:LoadTimeout.", process.Output);
                case ProbeOutcome.Failed when result.Status is not (429 or 503):
                    FailureKind kind = MlxErrorText.Classify(result.Status, result.Body ?? "").Kind;
                    return ServerEnd.Of(kind, $"It answered its first request with {plan.Mask.Apply(result.ToString())}.", process.Output, permanent: kind is FailureKind.ModelMissing);
                default: // still loading, or about to end
                    await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
                    break;
            }
        }
    }

    private static async Task<bool> ListensAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
