using System.Globalization;
using System.Text;

namespace Providers.VectorData;

/// <summary>Names of collections as names of folders, on file systems that forbid characters or ignore case.</summary>
internal static class FolderNames
{
    public const int Longest = 200;

    /// <exception cref="ArgumentException">The name would be too long for a folder.</exception>
    public static string Encode(string name)
    {
        var folder = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_')
            {
                folder.Append(c);
            }
            else
            {
                folder.Append('%').Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
        }

        return folder.Length <= Longest
            ? folder.ToString()
            : throw new ArgumentException(
                $"The name '{name}' needs a folder name of {folder.Length} characters; at most {Longest} are supported. Lower-case letters, digits, '-' and '_' take one, all others five.", nameof(name));
    }

    /// <summary>The name, or null when the folder is none of ours.</summary>
    public static string? Decode(string folder)
    {
        var name = new StringBuilder();
        for (int i = 0; i < folder.Length; i++)
        {
            if (folder[i] != '%')
            {
                name.Append(folder[i]);
            }
            else if (i + 4 < folder.Length && ushort.TryParse(folder.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit))
            {
                name.Append((char)unit);
                i += 4;
            }
            else
            {
                return null;
            }
        }

        string decoded = name.ToString();
        return decoded.Length > 0 && Encode(decoded) == folder ? decoded : null;
    }
}
