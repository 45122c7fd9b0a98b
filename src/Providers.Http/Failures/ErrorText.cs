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
                return inner.TrimStart().StartsWith('{') ? Read(error.Status, inner) with { Body = error.Body } // another server's error, passed on as text
                    : error with { Message = Shorten(inner) };
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
        foreach (string wrapper in (ReadOnlySpan<string>)["error", "detail", "errors"])
        {
            if (!root.TryGetProperty(wrapper, out JsonElement inner) || inner.ValueKind is JsonValueKind.Null or JsonValueKind.False)
            {
                continue;
            }

            // {"detail":{"error":"embedding_input_too_long", ...}}: the name stands where others put the object.
            if (inner.ValueKind is JsonValueKind.String && (Text(root, "message") is not null || Number(root, "token_count") is not null))
            {
                return Flat(root, error) with { Code = inner.GetString() };
            }

            WireError found = Read(inner, error);
            return found.Message is null && Text(root, "message") is { } outer ? found with { Message = Shorten(outer) } : found;
        }

        return Flat(root, error);
    }

    private static WireError Flat(JsonElement root, WireError error) => error with
    {
        Message = (Text(root, "message") ?? Text(root, "msg")) is { } message ? Shorten(message) : null,
        Code = Text(root, "code") ?? (root.TryGetProperty("innererror", out JsonElement inner) && inner.ValueKind is JsonValueKind.Object ? Text(inner, "code") : null),
        Type = Text(root, "type"),
        Status = error.Status is 200 && (Number(root, "code") ?? Number(root, "status")) is >= 400 and < 600 and var number ? number : error.Status,
        PromptTokens = Number(root, "n_prompt_tokens") ?? Number(root, "token_count"),
        ContextWindow = Number(root, "n_ctx") ?? Number(root, "max_length"),
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static int? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;

    // Some servers repeat the key they refuse.
    [GeneratedRegex(@"\b(?:sk-|gsk_|Bearer\s+)[A-Za-z0-9_.*-]{4,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Key { get; }
}
