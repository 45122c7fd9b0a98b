using Microsoft.Extensions.AI;

namespace Providers.Tests.Support;

/// <summary>What a caller of a stream got.</summary>
internal sealed record Reading(List<ChatResponseUpdate> Updates, Exception? Error)
{
    public string Text => string.Concat(Updates.Select(static u => u.Text));

    public static async Task<Reading> OfAsync(IAsyncEnumerable<ChatResponseUpdate> stream, CancellationToken token = default)
    {
        List<ChatResponseUpdate> updates = [];
        try
        {
            await foreach (ChatResponseUpdate update in stream.WithCancellation(token))
            {
                updates.Add(update);
            }
        }
        catch (Exception e)
        {
            return new Reading(updates, e);
        }

        return new Reading(updates, null);
    }
}
