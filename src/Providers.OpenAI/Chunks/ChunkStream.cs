using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Providers.OpenAI;

/// <summary>Reads the events of a streamed answer: pieces of text by ourselves, all else by the SDK, in the order they came.</summary>
internal static class ChunkStream
{
    /// <param name="content">The answer's body, behind the guard; disposed at the end.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<ChatResponseUpdate> ReadAsync(HttpContent content, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using HttpContent owned = content;
        SdkChunks others = new(cancellationToken);
        try
        {
            Reader reader = new();
            Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await foreach (SseItem<ChatResponseUpdate?> item in SseParser.Create(stream, reader.Parse).EnumerateAsync(cancellationToken).ConfigureAwait(false))
            {
                if (item.Data is { } text)
                {
                    yield return text;
                }
                else if (reader.IsDone)
                {
                    break;
                }
                else if (reader.Other is { } chunk && await others.ConvertAsync(chunk).ConfigureAwait(false) is { } update)
                {
                    reader.Text.Follow(update);
                    yield return update;
                }
            }

            while (await others.EndAsync().ConfigureAwait(false) is { } last)
            {
                yield return last;
            }
        }
        finally
        {
            await others.CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The parser's memory between two events.</summary>
    private sealed class Reader
    {
        public TextChunk Text { get; } = new();

        /// <summary>Gets the last event that was not plain text; <see langword="null"/> when it was empty.</summary>
        public BinaryData? Other { get; private set; }

        public bool IsDone { get; private set; }

        public ChatResponseUpdate? Parse(string eventType, ReadOnlySpan<byte> data)
        {
            IsDone = data.SequenceEqual("[DONE]"u8);
            if (IsDone || Text.TryRead(data) is not { } update)
            {
                Other = IsDone || data.IsEmpty ? null : new BinaryData(data.ToArray());
                return null;
            }

            return update;
        }
    }
}
