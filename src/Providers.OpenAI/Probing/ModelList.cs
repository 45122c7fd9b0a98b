using System.Text.Json;

namespace Providers.OpenAI;

/// <summary>Reads <c>GET /models</c>.</summary>
internal static class ModelList
{
    public const string Wrong = "The server's answer is not a list of models; the endpoint usually ends with /v1.";

    /// <summary>Reads the ids.</summary>
    /// <returns>The ids, in the server's order; <see langword="null"/> when the server is alive but sent no list (mlx_lm.server without a cache folder).</returns>
    /// <exception cref="InvalidDataException">The answer is no list of models.</exception>
    public static IReadOnlyList<string>? Read(ReadOnlyMemory<byte> json)
    {
        if (json.Span.Trim(" \r\n\t"u8).IsEmpty)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            JsonElement list = root.ValueKind is JsonValueKind.Array ? root : root.GetProperty("data");
            return [.. list.EnumerateArray().Select(static m => m.GetProperty("id").GetString()).OfType<string>().Where(static id => !string.IsNullOrWhiteSpace(id)).Distinct(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException(Wrong, e);
        }
    }
}
