namespace Providers.Mlx;

/// <summary>Cuts a list of texts into requests that hold so many texts and so many characters; a single longer text goes alone.</summary>
internal static class EmbeddingBatches
{
    public static IEnumerable<Range> Split(IReadOnlyList<string> texts, int maxCount, int maxCharacters)
    {
        int start = 0;
        long characters = 0;
        for (int i = 0; i < texts.Count; i++)
        {
            if (i > start && (i - start == maxCount || characters + texts[i].Length > maxCharacters))
            {
                yield return start..i;
                start = i;
                characters = 0;
            }

            characters += texts[i].Length;
        }

        if (start < texts.Count)
        {
            yield return start..texts.Count;
        }
    }
}
