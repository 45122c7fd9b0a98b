using Microsoft.Extensions.AI;
using Providers.Attempts;

namespace Providers.Streaming;

/// <summary>Lets a client's enumerator go, at once or, while a read is still pending, as soon as it ends.</summary>
internal static class StreamSource
{
    public static ValueTask DisposeAsync(Attempt attempt, IAsyncEnumerator<ChatResponseUpdate> source)
    {
        if (!attempt.IsInnerPending)
        {
            return IgnoringErrorsAsync(source);
        }

        // An enumerator must not be disposed during MoveNextAsync; a client that ignores its token may take long.
        attempt.WhenInnerEnds(() => _ = IgnoringErrorsAsync(source).AsTask());
        return default;
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
