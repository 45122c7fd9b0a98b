using System.Buffers.Binary;
using System.Text.Json;

namespace Providers.Mlx;

/// <summary>The vectors of one answer, in the order of the texts, with the tokens the server counted.</summary>
internal sealed record EmbeddingAnswer(IReadOnlyList<float[]> Vectors, long? InputTokens)
{
    /// <summary>Reads and checks an answer: one vector per text, placed by its index, all of one length, all finite.</summary>
    /// <exception cref="InvalidDataException">The answer is no such thing; the message has the numbers.</exception>
    public static EmbeddingAnswer Read(ReadOnlyMemory<byte> json, int count)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Read(document.RootElement, count);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"The server's answer is not a list of embeddings: {e.Message}", e);
        }
    }

    private static EmbeddingAnswer Read(JsonElement root, int count)
    {
        JsonElement data = root.GetProperty("data");
        if (data.GetArrayLength() != count)
        {
            throw new InvalidDataException($"The server returned {data.GetArrayLength()} embeddings for {count} texts.");
        }

        float[]?[] vectors = new float[count][];
        int position = 0;
        foreach (JsonElement item in data.EnumerateArray())
        {
            int index = item.TryGetProperty("index", out JsonElement at) ? at.GetInt32() : position;
            position++;
            if (index < 0 || index >= count || vectors[index] is not null)
            {
                throw new InvalidDataException($"The server's embeddings carry the index {index}, which is out of range or used twice; there are {count} texts.");
            }

            vectors[index] = Vector(item.GetProperty("embedding"), index);
            if (vectors[index]!.Length != vectors.First(static v => v is not null)!.Length)
            {
                throw new InvalidDataException($"The server's embedding {index} has {vectors[index]!.Length} dimensions, another has {vectors.First(static v => v is not null)!.Length}.");
            }
        }

        return new EmbeddingAnswer(vectors!, Tokens(root));
    }

    private static float[] Vector(JsonElement element, int index)
    {
        float[] vector = element.ValueKind is JsonValueKind.String ? Base64(element.GetBytesFromBase64()) : [.. element.EnumerateArray().Select(static e => e.GetSingle())];
        return vector.Length is 0 ? throw new InvalidDataException($"The server's embedding {index} is empty.")
            : Array.Exists(vector, static v => !float.IsFinite(v)) ? throw new InvalidDataException($"The server's embedding {index} has a value that is not a finite number.")
            : vector;
    }

    private static float[] Base64(byte[] bytes)
    {
        if (bytes.Length % sizeof(float) is not 0)
        {
            throw new InvalidDataException($"The server sent an embedding of {bytes.Length} bytes, which is not a whole number of floats.");
        }

        float[] vector = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }

        return vector;
    }

    private static long? Tokens(JsonElement root) =>
        root.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind is JsonValueKind.Object
        && usage.TryGetProperty("prompt_tokens", out JsonElement tokens) && tokens.ValueKind is JsonValueKind.Number ? tokens.GetInt64() : null;
}
