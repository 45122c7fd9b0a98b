using System.Globalization;
using System.Text.Json;

namespace Providers.Ollama;

/// <summary>Writes <c>keep_alive</c>: a duration as text, seconds as a number.</summary>
internal static class KeepAliveJson
{
    public static void Write(Utf8JsonWriter writer, string? keepAlive)
    {
        if (keepAlive is null)
        {
            return;
        }

        if (long.TryParse(keepAlive, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds))
        {
            writer.WriteNumber("keep_alive", seconds);
        }
        else
        {
            writer.WriteString("keep_alive", keepAlive);
        }
    }
}
