using Microsoft.Extensions.AI;
using Providers.Attempts;
using Providers.Routing;
using Providers.Timing;

namespace Providers.Streaming;

/// <summary>Lets a client's enumerator go, at once or, while a read is still pending, as soon as it ends.</summary>
internal static class StreamSource
{
    /// <summary>Lets go, and waits for a client that takes its time with it: as long as for the end of a connection, and not past the deadline.</summary>
    public static ValueTask DisposeAsync(Call call, Attempt attempt, IAsyncEnumerator<ChatResponseUpdate> source, Clock clock)
    {
        if (attempt.IsInnerPending)
        {
            Release(attempt, source);
            return default;
        }

        ValueTask leaving = IgnoringErrorsAsync(source);
        return leaving.IsCompleted ? leaving : WaitAsync(call, attempt, leaving.AsTask(), clock);
    }

    /// <summary>Lets go without waiting.</summary>
    public static void Release(Attempt attempt, IAsyncEnumerator<ChatResponseUpdate> source)
    {
        // An enumerator must not be disposed during MoveNextAsync; a client that ignores its token may take long.
        attempt.WhenInnerEnds(() => _ = IgnoringErrorsAsync(source).AsTask());
    }

    private static async ValueTask WaitAsync(Call call, Attempt attempt, Task leaving, Clock clock)
    {
        long limit = Math.Min(attempt.Target.Timeouts.Trailer, call.Deadline - clock.Now);
        if (limit > 0)
        {
            await leaving.WaitAsync(clock.Span(limit), clock.Provider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!leaving.IsCompleted)
        {
            attempt.Abort(); // left behind with its token, which no other request may get
        }
    }

    private static async ValueTask IgnoringErrorsAsync(IAsyncEnumerator<ChatResponseUpdate> source)
    {
        try
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The answer is already decided; what a client throws while it lets go changes nothing.
        }
    }
}
