using System.Buffers;
using System.Text.Json;

namespace Providers.OpenAI;

/// <summary>The request and answer of <c>/rerank</c>, as Cohere, Jina, vLLM and llama-server share it.</summary>
internal static class RerankWire
{
    public static byte[] Write(string model, string query, IReadOnlyList<string> documents)
    {
        ArrayBufferWriter<byte> buffer = new(1_024);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, model);
            writer.WriteString("query"u8, query);
            writer.WriteStartArray("documents"u8);
            foreach (string document in documents)
            {
                writer.WriteStringValue(document);
            }

            writer.WriteEndArray();
            writer.WriteNumber("top_n"u8, documents.Count);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <returns>One result per document, best first; ties in the documents' order.</returns>
    /// <exception cref="InvalidDataException">The answer is no such list; the message has the numbers.</exception>
    public static IReadOnlyList<RerankResult> Read(ReadOnlyMemory<byte> json, int count)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Read(document.RootElement.GetProperty("results"), count);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException("The server's answer is not a list of scores: it must have results with index and relevance_score.", e);
        }
    }

    private static RerankResult[] Read(JsonElement results, int count)
    {
        if (results.GetArrayLength() != count)
        {
            throw new InvalidDataException($"The server scored {results.GetArrayLength()} of {count} documents.");
        }

        double?[] scores = new double?[count];
        foreach (JsonElement result in results.EnumerateArray())
        {
            int index = result.GetProperty("index").GetInt32();
            double score = (result.TryGetProperty("relevance_score", out JsonElement own) ? own : result.GetProperty("score")).GetDouble();
            if (index < 0 || index >= count || scores[index] is not null || !double.IsFinite(score))
            {
                throw new InvalidDataException($"The server's score for document {index} is not usable: the index is out of range or used twice, or the score is not finite; there are {count} documents.");
            }

            scores[index] = score;
        }

        return [.. scores.Select(static (score, index) => new RerankResult(index, score!.Value)).OrderByDescending(static r => r.Score).ThenBy(static r => r.Index)];
    }
}
