using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Orchestration;

/// <summary>Embeds texts with the host's generator. Input: <c>texts</c>, and as wanted <c>model</c>. Output: <c>model</c>, <c>dimensions</c>, <c>vectors</c>.</summary>
internal sealed class EmbedStep(IEmbeddingGenerator<string, Embedding<float>> generator) : IWorkflowStep
{
    public async ValueTask<JsonElement?> ExecuteAsync(WorkflowStepContext context, CancellationToken cancellationToken)
    {
        (IReadOnlyList<string> texts, string? model) = Read(context);
        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(texts, model is null ? null : new EmbeddingGenerationOptions { ModelId = model }, cancellationToken).ConfigureAwait(false);
        return StepOutput.Of(writer =>
        {
            writer.WriteString("model", embeddings[0].ModelId ?? model);
            writer.WriteNumber("dimensions", embeddings[0].Vector.Length);
            writer.WriteStartArray("vectors");
            foreach (Embedding<float> embedding in embeddings)
            {
                writer.WriteStartArray();
                foreach (float component in embedding.Vector.Span)
                {
                    writer.WriteNumberValue(component);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        });
    }

    private static (IReadOnlyList<string> Texts, string? Model) Read(WorkflowStepContext context)
    {
        StepInput input = new(context);
        IReadOnlyList<string> texts = input.Texts("texts");
        return texts.Count > 0 ? (texts, input.TextOrNull("model")) : ([input.Text("text")], input.TextOrNull("model"));
    }
}
