using Microsoft.Extensions.AI;

namespace Providers.OpenAI;

/// <summary>Embeddings by a small client of our own: the SDK's takes vectors in the order they come and counts nothing.</summary>
internal sealed class OpenAIEmbeddingGenerator(OpenAIPlan plan, JsonHttp http, ModelChoice models, FailureRelay relay) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new(
        plan.TelemetryName, plan.Endpoint, plan.DefaultFor(ModelCapabilities.Embeddings), plan.Models.FirstOrDefault(m => m.Id == plan.DefaultFor(ModelCapabilities.Embeddings))?.EmbeddingDimensions);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        cancellationToken.ThrowIfCancellationRequested();
        string[] texts = [.. values];
        if (Array.IndexOf(texts, null) is >= 0 and var missing)
        {
            throw new ArgumentException($"Text {missing} of {texts.Length} is null.", nameof(values));
        }

        GeneratedEmbeddings<Embedding<float>> result = new(texts.Length);
        if (texts.Length == 0)
        {
            return result;
        }

        string model = await models.ChooseAsync(options?.ModelId, ModelCapabilities.Embeddings, cancellationToken).ConfigureAwait(false);
        UsageDetails usage = new();
        foreach (string[] batch in texts.Chunk(plan.EmbeddingBatchSize))
        {
            EmbeddingAnswer answer = await AskAsync(batch, model, options?.Dimensions, cancellationToken).ConfigureAwait(false);
            foreach (float[] vector in answer.Vectors)
            {
                result.Add(new Embedding<float>(vector) { ModelId = answer.Model ?? model });
            }

            usage.Add(new UsageDetails { InputTokenCount = answer.InputTokens, TotalTokenCount = answer.TotalTokens ?? answer.InputTokens });
        }

        CheckLengths(result, model);
        result.Usage = usage.InputTokenCount is null ? null : usage;
        return result;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    public void Dispose()
    {
        // The provider owns the connections.
    }

    private async Task<EmbeddingAnswer> AskAsync(string[] batch, string model, int? dimensions, CancellationToken cancellationToken)
    {
        byte[] request = EmbeddingRequest.Write(model, batch, dimensions, plan.Traits.SendsBase64);
        byte[] body = await http.PostAsync("embeddings", request, model, cancellationToken).ConfigureAwait(false);
        EmbeddingAnswer answer = http.Read(body, model, b => EmbeddingReader.Read(b, batch.Length));
        if (dimensions is { } asked && answer.Vectors[0].Length != asked)
        {
            throw relay.Fail(FailureKind.InvalidResponse, $"The server's vectors have {answer.Vectors[0].Length} dimensions, but {asked} were asked for; it cannot shorten them.", model);
        }

        return answer;
    }

    // Within one batch the lengths were compared; batches may come from different servers behind one address.
    private void CheckLengths(GeneratedEmbeddings<Embedding<float>> result, string model)
    {
        int length = result[0].Vector.Length;
        if (result.FirstOrDefault(e => e.Vector.Length != length) is { } odd)
        {
            throw relay.Fail(FailureKind.InvalidResponse, $"The server's batches differ: vectors of {length} and of {odd.Vector.Length} dimensions.", model);
        }
    }
}
