using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.Memories;

/// <summary>Versions as strong entity tags: <c>"7"</c>.</summary>
internal static class EntityTags
{
    public static string Of(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>Reads which versions a change may be made to.</summary>
    /// <returns>The versions; empty: none matches (weak tags never do); <see langword="null"/>: any version that there is.</returns>
    /// <exception cref="ApiException">428 without the header, 400 for one that cannot be read.</exception>
    public static IReadOnlyList<long>? IfMatch(HttpRequest request)
    {
        StringValues header = request.Headers.IfMatch;
        if (StringValues.IsNullOrEmpty(header))
        {
            throw new ApiException("precondition_required", "The change must name the version it changes: send If-Match with the ETag last read, or * for whatever is there.", "If-Match");
        }

        return Parse(header, "If-Match");
    }

    /// <summary>Says whether the request is only to create: <c>If-None-Match: *</c>.</summary>
    public static bool CreatesOnly(HttpRequest request)
    {
        StringValues header = request.Headers.IfNoneMatch;
        return !StringValues.IsNullOrEmpty(header) && (Parse(header, "If-None-Match") is null ? true
            : throw new ApiException("invalid_request", "If-None-Match must be * here: the memory is stored only if there is none.", "If-None-Match"));
    }

    /// <summary>Says whether the client has this version already.</summary>
    public static bool IsKnown(HttpRequest request, long version)
    {
        StringValues header = request.Headers.IfNoneMatch;
        if (StringValues.IsNullOrEmpty(header))
        {
            return false;
        }

        // Reading compares weakly (RFC 9110, 13.1.2), so a proxy's W/ does no harm.
        IReadOnlyList<long>? known = Parse(header.ToString().Replace("W/", "", StringComparison.Ordinal), "If-None-Match");
        return known is null || known.Contains(version);
    }

    private static List<long>? Parse(StringValues header, string name)
    {
        string text = header.ToString().Trim();
        if (text == "*")
        {
            return null;
        }

        List<long> versions = [];
        foreach (string part in text.Split(','))
        {
            string tag = part.Trim();
            bool weak = tag.StartsWith("W/", StringComparison.Ordinal);
            tag = weak ? tag[2..] : tag;
            if (tag.Length < 2 || tag.Length > 256 || tag[0] != '"' || tag[^1] != '"' || tag.AsSpan(1, tag.Length - 2).Contains('"'))
            {
                throw new ApiException("invalid_request", $"{name} must be * or entity tags such as \"7\".", name);
            }

            if (!weak && long.TryParse(tag.AsSpan(1, tag.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out long version) && version > 0)
            {
                versions.Add(version); // none is 0: to the store that would mean that nothing may be there
            }
        }

        return versions;
    }
}
