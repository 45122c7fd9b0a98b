using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Orchestration;

/// <summary>Asks the host's chat client. Input: <c>prompt</c>, and as wanted <c>system</c>, <c>model</c>, <c>max_tokens</c>, <c>temperature</c>, <c>json_schema</c>. Output: <c>text</c>, <c>served_by</c>, <c>attempts</c>.</summary>
internal sealed class ChatStep(IChatClient client) : IWorkflowStep
{
    public async ValueTask<JsonElement?> ExecuteAsync(WorkflowStepContext context, CancellationToken cancellationToken)
    {
        (List<ChatMessage> messages, ChatOptions options) = Read(context);
        ChatResponse response = await client.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        return StepOutput.Of(writer =>
        {
            writer.WriteString("text", response.Text);
            writer.WriteString("served_by", response.GetProvider());
            writer.WriteNumber("attempts", response.GetAttempts());
        });
    }

    private static (List<ChatMessage> Messages, ChatOptions Options) Read(WorkflowStepContext context)
    {
        StepInput input = new(context);
        List<ChatMessage> messages = [new ChatMessage(ChatRole.User, input.Text("prompt"))];
        if (input.TextOrNull("system") is { Length: > 0 } system)
        {
            messages.Insert(0, new ChatMessage(ChatRole.System, system));
        }

        ChatOptions options = new()
        {
            ModelId = input.TextOrNull("model"),
            MaxOutputTokens = (int?)input.Number("max_tokens"),
            Temperature = (float?)input.Number("temperature"),
            ResponseFormat = input.Find("json_schema") is { } schema ? ChatResponseFormat.ForJsonSchema(schema) : null,
        };
        return (messages, options);
    }
}
