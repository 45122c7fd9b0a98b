namespace Providers.OpenAI;

/// <summary>The vectors of one answer in the order of the texts, with what the server said beside them.</summary>
internal sealed record EmbeddingAnswer(IReadOnlyList<float[]> Vectors, string? Model, long? InputTokens, long? TotalTokens)
{
    /// <summary>Checks an answer: one vector per text, placed by its index, all of one length, all finite.</summary>
    /// <param name="items">What the server sent; an index below 0 is one that is missing.</param>
    /// <exception cref="InvalidDataException">The answer is no such thing; the message has the numbers.</exception>
    public static IReadOnlyList<float[]> Place(List<(int Index, float[] Vector)> items, int count)
    {
        if (items.Count != count)
        {
            throw new InvalidDataException($"The server returned {items.Count} embeddings for {count} texts.");
        }

        float[]?[] placed = new float[count][];
        for (int i = 0; i < count; i++)
        {
            (int index, float[] vector) = items[i];
            index = index < 0 ? i : index;
            if (index >= count || placed[index] is not null)
            {
                throw new InvalidDataException($"The server's embeddings carry the index {index}, which is out of range or used twice; there are {count} texts.");
            }

            Check(vector, items[0].Vector.Length, index);
            placed[index] = vector;
        }

        return placed!;
    }

    private static void Check(float[] vector, int length, int index)
    {
        if (vector.Length == 0)
        {
            throw new InvalidDataException($"The server's embedding {index} is empty.");
        }

        if (vector.Length != length)
        {
            throw new InvalidDataException($"The server's embedding {index} has {vector.Length} dimensions, another has {length}.");
        }

        if (Array.Exists(vector, static v => !float.IsFinite(v)))
        {
            throw new InvalidDataException($"The server's embedding {index} has a value that is not a finite number.");
        }
    }
}
