using System.Text.Json;
using System.Text.Unicode;

namespace Providers.Http;

/// <summary>Whole answers and error bodies: read up to a limit.</summary>
internal static class WholeBody
{
    private const int FirstBuffer = 8 * 1024;
    private const int MostBelieved = 256 * 1024; // a length is only what a server says

    /// <summary>Reads a body.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="length">How long it says it is; <see langword="null"/>: it does not.</param>
    /// <param name="limit">How many bytes at most.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>The bytes, and whether there were more.</returns>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, bool More)> ReadAsync(TimedReader reader, long? length, int limit, CancellationToken cancellationToken)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(limit + 1L, Math.Min(length + 1 ?? FirstBuffer, MostBelieved))); // one more, to see the end
        int count = 0;
        while (true)
        {
            if (count == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min((long)buffer.Length * 2, limit + 1L));
            }

            int read = await reader.ReadAsync(buffer.AsMemory(count), null, cancellationToken).ConfigureAwait(false);
            count += read;
            if (read is 0 || count > limit)
            {
                return (buffer.AsMemory(0, Math.Min(count, limit)), count > limit);
            }
        }
    }

    /// <summary>Judges a whole JSON answer.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="mended">What to hand on in its place; <see langword="null"/>: the answer itself.</param>
    /// <returns>What is wrong with it; <see langword="null"/>: nothing. An error that the server reports is not told here: <paramref name="isError"/> is set.</returns>
    public static ProviderFailure? Judge(ReadOnlySpan<byte> body, out byte[]? mended, out bool isError)
    {
        mended = null;
        isError = false;
        ReadOnlySpan<byte> text = body.Trim(" \t\r\n"u8);
        if (text.IsEmpty)
        {
            return new ProviderFailure(FailureKind.InvalidResponse, "The server's answer is empty.");
        }

        if (text[0] is (byte)'<')
        {
            return new ProviderFailure(FailureKind.InvalidResponse, "The server answered with a web page; check the endpoint's address and any proxy before it.");
        }

        if (!Utf8.IsValid(text))
        {
            return new ProviderFailure(FailureKind.InvalidResponse, "The server's answer is not UTF-8.");
        }

        try
        {
            List<JsonEdit> edits = [];
            BlockVerdict verdict = JsonWatch.Look(text, edits);
            isError = verdict is BlockVerdict.Error;
            mended = edits.Count > 0 && !isError ? JsonEdit.Apply(text, 0, edits) : null;
            return null;
        }
        catch (JsonException e)
        {
            return IsCut(text) ? new ProviderFailure(FailureKind.ConnectionLost, "The server's answer was cut off.")
                : new ProviderFailure(FailureKind.InvalidResponse, $"The server's answer is not JSON (line {e.LineNumber}, byte {e.BytePositionInLine}).");
        }
    }

    // A server that speaks HTTP/1.0 and dies leaves the first half of a document behind.
    private static bool IsCut(ReadOnlySpan<byte> text)
    {
        Utf8JsonReader reader = new(text, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
