using System.Text.Json;
using System.Text.RegularExpressions;

namespace Providers.Http;

/// <summary>Finds message, code and type in the shapes servers use for errors.</summary>
internal static partial class ErrorText
{
    private const int MaxMessage = 500;

    public static WireError Read(int status, string body)
    {
        string text = body.Trim();
        WireError error = new(status, body) { IsPage = text.StartsWith('<') };
        if (error.IsPage || text.Length == 0)
        {
            return error;
        }

        if (text[0] is '{' or '[' or '"')
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(text);
                return Read(document.RootElement, error);
            }
            catch (JsonException)
            {
                // Cut or malformed: the text is all there is.
            }
        }

        return error with { Message = Shorten(text) };
    }

    public static string Shorten(string text)
    {
        string line = Key.Replace(text.ReplaceLineEndings(" "), "[key]");
        return line.Length <= MaxMessage ? line : string.Concat(line.AsSpan(0, MaxMessage), "...");
    }

    private static WireError Read(JsonElement root, WireError error)
    {
        switch (root.ValueKind)
        {
            case JsonValueKind.String:
                string inner = root.GetString()!;
                return inner.TrimStart().StartsWith('{') ? Inner(inner, error) : error with { Message = Shorten(inner) };
            case JsonValueKind.Array when root.GetArrayLength() > 0:
                return Read(root[0], error);
            case JsonValueKind.Object:
                return ReadObject(root, error);
            default:
                return error;
        }
    }

    private static WireError ReadObject(JsonElement root, WireError error)
    {
        if ((root.TryGetProperty("error", out JsonElement inner) || root.TryGetProperty("detail", out inner))
            && inner.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
        {
            WireError found = Read(inner, error);
            return found.Message is null && Text(root, "message") is { } outer ? found with { Message = Shorten(outer) } : found;
        }

        return error with
        {
            Message = (Text(root, "message") ?? Text(root, "msg")) is { } message ? Shorten(message) : null,
            Code = Text(root, "code"),
            Type = Text(root, "type"),
            Status = error.Status is 200 && root.TryGetProperty("code", out JsonElement code) && code.ValueKind is JsonValueKind.Number
                && code.TryGetInt32(out int number) && number is >= 400 and < 600 ? number : error.Status,
        };
    }

    // Ollama passes another server's error on as text.
    private static WireError Inner(string json, WireError error)
    {
        WireError read = Read(error.Status, json);
        return read with { Body = error.Body };
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? value.ValueKind switch
        {
            JsonValueKind.String when value.GetString() is { Length: > 0 } text => text,
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        }
        : null;

    // Some servers repeat the key they refuse.
    [GeneratedRegex(@"\b(?:sk-|gsk_|Bearer\s+)[A-Za-z0-9_.*-]{4,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Key { get; }
}
