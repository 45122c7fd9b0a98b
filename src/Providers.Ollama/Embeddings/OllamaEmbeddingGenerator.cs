using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Ollama;

/// <summary>Embeddings over <c>/api/embed</c>, a batch a request; what comes back is counted and measured. Safe for concurrent use.</summary>
internal sealed class OllamaEmbeddingGenerator(OllamaHttp http, OllamaPlan plan, OllamaModels models) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new("ollama", plan.Endpoint, plan.DefaultModel);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] texts = [.. values];
        if (texts.Length == 0)
        {
            return [];
        }

        string model = options?.ModelId ?? await models.DefaultAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            byte[] answer = await http.PostAsync("api/embed", Write(texts, model, options), cancellationToken).ConfigureAwait(false);
            return Read(answer, texts.Length, model);
        }
        catch (ProviderException e)
        {
            if (e.Kind is FailureKind.ModelMissing)
            {
                models.Forget(model);
            }

            throw OllamaFailures.Name(e, plan.Name, model);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public void Dispose()
    {
        // The provider owns the connections.
    }

    private byte[] Write(string[] texts, string model, EmbeddingGenerationOptions? options)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("model", model);
            writer.WriteStartArray("input");
            foreach (string text in texts)
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
            writer.WriteBoolean("truncate", plan.Truncate);
            if (options?.Dimensions is { } dimensions)
            {
                writer.WriteNumber("dimensions", dimensions);
            }

            KeepAliveJson.Write(writer, plan.KeepAlive);
            if (plan.ContextOf(model) is { } context)
            {
                writer.WriteStartObject("options");
                writer.WriteNumber("num_ctx", context);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private GeneratedEmbeddings<Embedding<float>> Read(byte[] answer, int expected, string model)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            GeneratedEmbeddings<Embedding<float>> result = new(expected);
            foreach (JsonElement vector in document.RootElement.GetProperty("embeddings").EnumerateArray())
            {
                float[] numbers = new float[vector.GetArrayLength()];
                int i = 0;
                foreach (JsonElement number in vector.EnumerateArray())
                {
                    float value = number.GetSingle();
                    numbers[i++] = float.IsFinite(value) ? value
                        : throw Invalid(model, $"Number {i} of vector {result.Count + 1} is {number.GetRawText()}, which is not a finite number.", null);
                }

                result.Add(new Embedding<float>(numbers) { ModelId = model });
            }

            if (result.Count != expected || result.Any(e => e.Vector.Length is 0 || e.Vector.Length != result[0].Vector.Length))
            {
                throw Invalid(model, $"{expected} texts were sent; {result.Count} vectors of {string.Join(", ", result.Select(static e => e.Vector.Length).Distinct())} dimensions came back.", null);
            }

            if (document.RootElement.TryGetProperty("prompt_eval_count", out JsonElement count) && count.TryGetInt64(out long tokens))
            {
                result.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
            }

            return result;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Invalid(model, "The answer is not the JSON of /api/embed.", e);
        }
    }

    private ProviderException Invalid(string model, string message, Exception? inner) =>
        new(new ProviderFailure(FailureKind.InvalidResponse, message), plan.Name, model, inner);
}
