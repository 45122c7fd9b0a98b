using System.Text.Json;

namespace Providers.Mlx;

/// <summary>The ids in an answer of <c>/v1/models</c>.</summary>
internal static class ModelList
{
    /// <summary>The ids; none where the body is empty, as it is when the Hugging Face cache folder does not exist: alive, list unknown.</summary>
    /// <exception cref="InvalidDataException">The body is no such list.</exception>
    public static IReadOnlyList<string> Read(byte[] body)
    {
        if (body.AsSpan().Trim(" \r\n\t"u8).IsEmpty)
        {
            return [];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return [.. document.RootElement.GetProperty("data").EnumerateArray().Select(static m => m.GetProperty("id").GetString()).OfType<string>()];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"The answer of /v1/models is not a list of models: {e.Message}", e);
        }
    }
}
