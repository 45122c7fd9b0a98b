using System.Text.Json;
using Providers.Memory;

namespace Providers.Orchestration;

/// <summary>Searches the memory of the workflow's tenant. Input: <c>query</c>, and as wanted <c>namespace</c>, <c>limit</c>. Output: <c>items</c> with <c>id</c>, <c>text</c>, <c>score</c>.</summary>
internal sealed class MemorySearchStep(IMemoryService memory) : IWorkflowStep
{
    public async ValueTask<JsonElement?> ExecuteAsync(WorkflowStepContext context, CancellationToken cancellationToken)
    {
        (MemoryScope scope, MemoryQuery query) = Read(context);
        IReadOnlyList<MemoryMatch> found = await memory.SearchAsync(scope, query, cancellationToken).ConfigureAwait(false);
        return StepOutput.Of(writer =>
        {
            writer.WriteStartArray("items");
            foreach (MemoryMatch match in found)
            {
                writer.WriteStartObject();
                writer.WriteString("id", match.Record.Id);
                writer.WriteString("text", match.Record.Text);
                writer.WriteNumber("score", match.Score);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    private static (MemoryScope Scope, MemoryQuery Query) Read(WorkflowStepContext context)
    {
        StepInput input = new(context);
        return (new MemoryScope(context.Tenant, input.TextOrNull("namespace") ?? "default"), new MemoryQuery { Text = input.Text("query"), Top = (int)(input.Number("limit") ?? 10) });
    }
}
