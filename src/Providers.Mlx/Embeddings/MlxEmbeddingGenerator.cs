using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>Embeddings of a server that has <c>/v1/embeddings</c>; <c>mlx_lm.server</c> itself has not. The pooling is the server's choice.</summary>
internal sealed class MlxEmbeddingGenerator(MlxJsonHttp http, MlxConnection connection, MlxPlan plan) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new(MlxProviderFactory.TelemetryName, plan.BaseUrl, plan.EmbeddingModels.First().Id, plan.EmbeddingModels.First().EmbeddingDimensions);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] texts = [.. values];
        ModelDescriptor model = Model(options?.ModelId);
        Check(texts, model, options?.Dimensions);
        GeneratedEmbeddings<Embedding<float>> result = new(texts.Length);
        long? tokens = null;
        foreach (Range range in EmbeddingBatches.Split(texts, plan.EmbeddingBatchSize, plan.EmbeddingBatchCharacters))
        {
            EmbeddingAnswer answer = await EmbedAsync(texts, range, model.Id, cancellationToken).ConfigureAwait(false);
            tokens = answer.InputTokens is { } more ? (tokens ?? 0) + more : tokens;
            foreach (float[] vector in answer.Vectors)
            {
                result.Add(new Embedding<float>(Shape(vector, model, options?.Dimensions)) { ModelId = model.Id });
            }
        }

        if (tokens is { } count)
        {
            result.Usage = new UsageDetails { InputTokenCount = count, TotalTokenCount = count };
        }

        return result;
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
        // The provider owns the connection.
    }

    private async Task<EmbeddingAnswer> EmbedAsync(string[] texts, Range range, string model, CancellationToken cancellationToken)
    {
        byte[] body = EmbeddingRequestBody.Write(model, texts, range);
        RunningServer running = await connection.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            byte[] answer = await http.PostAsync(new Uri(running.Endpoint, "v1/embeddings"), body, model, cancellationToken).ConfigureAwait(false);
            return EmbeddingAnswer.Read(answer, range.GetOffsetAndLength(texts.Length).Length);
        }
        catch (InvalidDataException e)
        {
            throw http.Fail(new ProviderFailure(FailureKind.InvalidResponse, e.Message), model, e);
        }
        catch (ProviderException e) when (e.Kind is FailureKind.TimedOut)
        {
            _ = connection.SuspectStalledAsync(running);
            throw;
        }
        finally
        {
            connection.Leave();
        }
    }

    private ModelDescriptor Model(string? asked) =>
        plan.EmbeddingModels.FirstOrDefault(m => asked is null || m.Id == asked) ?? throw http.Fail(
            new ProviderFailure(FailureKind.BadRequest, $"The model '{asked}' is not declared as one that embeds; declare it under Models with the capability Embeddings.")
            {
                MissingCapability = ModelCapabilities.Embeddings,
            }, asked);

    private void Check(string[] texts, ModelDescriptor model, int? dimensions)
    {
        int missing = Array.FindIndex(texts, string.IsNullOrEmpty);
        string? wrong = missing >= 0 ? $"Text {missing} of {texts.Length} is empty; there is nothing to embed."
            : dimensions is { } d && model.EmbeddingDimensions is { } full && (d > full || (d < full && !plan.Matryoshka.Contains(model.Id)))
                ? $"{d} dimensions were asked for, but the model has {full}" + (d > full ? "." : " and its vectors must not be cut: it is not named in MatryoshkaModels.")
            : null;
        if (wrong is not null)
        {
            throw http.Fail(new ProviderFailure(FailureKind.BadRequest, wrong), model.Id);
        }
    }

    private float[] Shape(float[] vector, ModelDescriptor model, int? dimensions)
    {
        if (model.EmbeddingDimensions is { } declared && vector.Length != declared)
        {
            throw http.Fail(new ProviderFailure(FailureKind.InvalidResponse, $"The server's vectors have {vector.Length} dimensions; the model is declared with {declared}."), model.Id);
        }

        bool cut = dimensions < vector.Length && plan.Matryoshka.Contains(model.Id);
        float[] shaped = cut ? VectorShape.Cut(vector, dimensions!.Value) : vector;
        if (dimensions is { } asked && shaped.Length != asked)
        {
            throw http.Fail(new ProviderFailure(FailureKind.InvalidResponse, $"The server's vectors have {vector.Length} dimensions; {asked} were asked for and the model's vectors must not be cut."), model.Id);
        }

        if (plan.NormalizeEmbeddings || cut)
        {
            VectorShape.Normalize(shaped);
        }

        return shaped;
    }
}
