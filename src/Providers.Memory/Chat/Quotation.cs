using System.Globalization;
using System.Text;

namespace Providers.Memory;

/// <summary>Shows memories to a model as quoted, untrusted data that cannot end its own quotation.</summary>
internal static class Quotation
{
    public const string Open = "<memories untrusted=\"true\">";
    public const string Close = "</memories>";

    public static string Of(IEnumerable<MemoryRecord> records)
    {
        StringBuilder text = new();
        text.Append(Open).Append('\n');
        foreach (MemoryRecord record in records)
        {
            Append(text, record);
        }

        return text.Append(Close).ToString();
    }

    /// <summary>Appends one memory: where it comes from and when, then its text, escaped.</summary>
    public static void Append(StringBuilder text, MemoryRecord record)
    {
        text.Append("<memory id=\"").Append(Escape(record.Id)).Append("\" kind=\"").Append(Escape(record.Kind))
            .Append("\" source=\"").Append(Escape(record.Provenance?.Source ?? "unknown"))
            .Append("\" trust=\"").Append((record.Provenance?.Trust ?? 0.5).ToString("0.##", CultureInfo.InvariantCulture))
            .Append("\" date=\"").Append(record.Created.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).Append("\">\n")
            .Append(Escape(record.Text)).Append("\n</memory>\n");
    }

    /// <summary>Makes mark-up, and characters that hide or turn text, visible or harmless.</summary>
    public static string Escape(string value)
    {
        StringBuilder escaped = new(value.Length + 16);
        foreach (Rune rune in value.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '<':
                    escaped.Append("&lt;");
                    break;
                case '>':
                    escaped.Append("&gt;");
                    break;
                case '&':
                    escaped.Append("&amp;");
                    break;
                case '"':
                    escaped.Append("&quot;");
                    break;
                case '`':
                    escaped.Append('\''); // no fence either
                    break;
                case '\n' or '\t':
                    escaped.Append((char)rune.Value);
                    break;
                default:
                    // Controls, bidirectional overrides, zero-width and tag characters.
                    escaped.Append(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate ? " " : rune.ToString());
                    break;
            }
        }

        return escaped.ToString();
    }
}
