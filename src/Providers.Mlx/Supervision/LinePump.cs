using System.Text;

namespace Providers.Mlx;

/// <summary>Reads a pipe to its end so that its writer never blocks, and hands on whole lines, cut where they are endless.</summary>
internal static class LinePump
{
    public const int MaxLineLength = 4096;

    public static async Task RunAsync(TextReader reader, Action<string> onLine)
    {
        char[] buffer = new char[8192];
        StringBuilder line = new();
        try
        {
            int read;
            while ((read = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                Split(buffer.AsSpan(0, read), line, onLine);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process and its pipe are gone; what was read is all there is.
        }

        Flush(line, onLine);
    }

    private static void Split(ReadOnlySpan<char> text, StringBuilder line, Action<string> onLine)
    {
        foreach (char c in text)
        {
            if (c is '\n' or '\r') // progress bars return without a new line
            {
                Flush(line, onLine);
            }
            else if (line.Length < MaxLineLength)
            {
                line.Append(c);
            }
        }
    }

    private static void Flush(StringBuilder line, Action<string> onLine)
    {
        if (line.Length > 0)
        {
            onLine(line.ToString());
            line.Clear();
        }
    }
}
