using System.Text.Json;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>What a server said of a failure, in whichever of the known shapes it said it.</summary>
internal sealed record ErrorBody
{
    public string? Message { get; init; }

    /// <summary>The code as text; <see langword="null"/> where the server sends the status as its code.</summary>
    public string? Code { get; init; }

    public string? Type { get; init; }

    /// <summary>A code that is a number, as vLLM and llama-server send it.</summary>
    public int? Number { get; init; }

    public string? InnerCode { get; init; }

    public int? PromptTokens { get; init; }

    public int? ContextWindow { get; init; }

    public bool IsJson { get; init; }

    /// <summary>A page of a proxy or a portal.</summary>
    public bool IsPage { get; init; }

    /// <summary>Reads a body; what is no JSON becomes the message, a page none.</summary>
    public static ErrorBody Parse(string? body)
    {
        string text = body?.Trim() ?? "";
        if (text.Length > 0 && text[0] is '{' or '[')
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(text);
                return Read(document.RootElement) with { IsJson = true };
            }
            catch (JsonException)
            {
                // Cut or malformed: the text is all there is.
            }
        }

        bool page = text.StartsWith('<');
        return new ErrorBody { IsPage = page, Message = page || text.Length == 0 ? null : WireError.Clean(text) };
    }

    private static ErrorBody Read(JsonElement root)
    {
        if (root.ValueKind is JsonValueKind.Array)
        {
            return root.GetArrayLength() > 0 ? Read(root[0]) : new ErrorBody();
        }

        if (root.ValueKind is not JsonValueKind.Object)
        {
            return new ErrorBody { Message = root.ValueKind is JsonValueKind.String ? WireError.Clean(root.GetString()!) : null };
        }

        foreach (string wrapper in (ReadOnlySpan<string>)["error", "detail", "errors"])
        {
            if (!root.TryGetProperty(wrapper, out JsonElement inner))
            {
                continue;
            }

            // {"detail":{"error":"embedding_input_too_long", ...}}: the name stands where others put the object.
            if (inner.ValueKind is JsonValueKind.String && (Text(root, "message") is not null || Number32(root, "token_count") is not null))
            {
                return Flat(root) with { Code = inner.GetString() };
            }

            if (inner.ValueKind is JsonValueKind.String && inner.GetString()!.TrimStart().StartsWith('{'))
            {
                return Parse(inner.GetString()); // an error of another server, passed on as text
            }

            if (inner.ValueKind is not JsonValueKind.Null)
            {
                return Read(inner);
            }
        }

        return Flat(root);
    }

    private static ErrorBody Flat(JsonElement error) => new()
    {
        Message = (Text(error, "message") ?? Text(error, "msg")) is { } message ? WireError.Clean(message) : null,
        Code = Text(error, "code"),
        Type = Text(error, "type"),
        Number = Number32(error, "code") ?? Number32(error, "status"),
        InnerCode = error.TryGetProperty("innererror", out JsonElement inner) && inner.ValueKind is JsonValueKind.Object ? Text(inner, "code") : null,
        PromptTokens = Number32(error, "n_prompt_tokens") ?? Number32(error, "token_count"),
        ContextWindow = Number32(error, "n_ctx") ?? Number32(error, "max_length"),
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static int? Number32(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;
}
