using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.Tools.Shapes;

namespace Providers.Tools;

/// <summary>Turns texts into vectors.</summary>
internal sealed class EmbedTool(IEmbeddingGenerator<string, Embedding<float>> generator)
{
    private const int MostNumbers = 262_144; // about 3 MiB of JSON

    public static ToolSpec Spec => new(
        "embed",
        "Turns texts into vectors for a program to compare; a conversation has no use for them. Only vectors of the same vector_space may be compared.",
        new ObjectShape(
            new("texts", new ListShape(new TextShape { Most = 32_768 }) { Least = 1, Most = 256, Description = "The texts; their vectors come in the same order." }, true),
            new("model", new TextShape { Most = 256, Description = "A route or provider/model (list_models); the default one when left out." })),
        ProviderOutputs.Embed,
        new ToolHints { Title = "Embed texts", Scope = "llm:invoke", ReadOnly = true, Idempotent = true, OpenWorld = true });

    public async ValueTask<JsonElement> RunAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> texts = request.Texts("texts")!;
        EmbeddingGenerationOptions? options = request.Text("model") is { } model ? new EmbeddingGenerationOptions { ModelId = model } : null;
        GeneratedEmbeddings<Embedding<float>> made = await generator.GenerateAsync(texts, options, cancellationToken).ConfigureAwait(false);
        int dimensions = made.Count == 0 ? 0 : made[0].Vector.Length;
        if ((long)dimensions * made.Count > MostNumbers)
        {
            throw new ToolException(ToolErrorCode.InvalidInput, $"texts: has {texts.Count} items of {dimensions} dimensions each; a result has room for {MostNumbers} numbers, so send at most {MostNumbers / dimensions} texts at a time.");
        }

        string space = made.GetVectorSpace() ?? (made.Count == 0 ? null : made[0].ModelId) ?? generator.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelId ?? "default";
        return JsonSerializer.SerializeToElement(
            new EmbedResult(made.Count, dimensions, space, [.. made.Select(static e => e.Vector)])
            {
                Usage = made.Usage is { } usage ? new UsageItem(usage.InputTokenCount, null) : null,
            },
            ProviderToolJson.Plain.EmbedResult);
    }
}
