using System.Text;

namespace Providers.AspNetCore.Errors;

/// <summary>JSON Pointers (RFC 6901) from the paths of the JSON reader and from parameter names.</summary>
internal static class Pointers
{
    /// <summary>Turns <c>messages[2].content</c> or <c>$.messages[2].content</c> into <c>/messages/2/content</c>.</summary>
    public static string Of(string? path)
    {
        if (string.IsNullOrEmpty(path) || path == "$")
        {
            return "";
        }

        StringBuilder pointer = new();
        foreach (string part in path.Replace("[", ".", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = part.TrimEnd(']').Trim('\'');
            if (name != "$")
            {
                pointer.Append('/').Append(name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
            }
        }

        return pointer.ToString();
    }
}
