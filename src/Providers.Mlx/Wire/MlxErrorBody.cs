using System.Text.Json;

namespace Providers.Mlx;

/// <summary>The reason in an error body: <c>{"error":"text"}</c>, <c>{"error":{...}}</c>, FastAPI's <c>{"detail":"text"}</c> or <c>{"detail":{...}}</c>, or plain text.</summary>
internal sealed record MlxErrorBody(string Message, string? Code = null, int? PromptTokens = null, int? ContextWindow = null, int? Status = null)
{
    public static MlxErrorBody Read(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            return root.ValueKind is JsonValueKind.Object && (root.TryGetProperty("error", out JsonElement error) || root.TryGetProperty("detail", out error))
                ? Of(error)
                : new MlxErrorBody(body);
        }
        catch (JsonException)
        {
            return new MlxErrorBody(body);
        }
    }

    private static MlxErrorBody Of(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.String => new MlxErrorBody(error.GetString()!),
        JsonValueKind.Object => new MlxErrorBody(
            Text(error, "message") ?? error.GetRawText(),
            Text(error, "code") ?? Text(error, "error") ?? Text(error, "type"),
            Number(error, "token_count") ?? Number(error, "n_prompt_tokens"),
            Number(error, "max_length") ?? Number(error, "n_ctx"),
            Number(error, "code")),
        _ => new MlxErrorBody(error.GetRawText()),
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;
}
