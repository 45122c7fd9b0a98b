using System.Text;

namespace Providers.Http;

/// <summary>A piece of JSON that is replaced by other text.</summary>
internal readonly record struct JsonEdit(int Start, int Length, string Text)
{
    /// <summary>Applies edits, given in order, to a text that begins <paramref name="offset"/> bytes before the document.</summary>
    public static byte[] Apply(ReadOnlySpan<byte> text, int offset, List<JsonEdit> edits)
    {
        using MemoryStream result = new(text.Length + 32);
        int at = 0;
        edits.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        foreach (JsonEdit edit in edits)
        {
            result.Write(text[at..(offset + edit.Start)]);
            result.Write(Encoding.UTF8.GetBytes(edit.Text));
            at = offset + edit.Start + edit.Length;
        }

        result.Write(text[at..]);
        return result.ToArray();
    }
}
