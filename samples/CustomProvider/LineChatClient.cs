using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Providers;
using Providers.Http;

namespace CustomProvider;

/// <summary>The wire: one request, an answer of lines. Text only; whatever else is asked for is not declared among the models' capabilities.</summary>
internal sealed class LineChatClient(HttpClient http, string provider, string defaultModel) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken); // streamed underneath, so that leaving stops the server

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string model = options?.ModelId ?? defaultModel;
        JsonObject body = new()
        {
            ["model"] = model,
            ["stream"] = true,
            ["messages"] = new JsonArray([.. messages.Select(static m => new JsonObject { ["role"] = m.Role.Value, ["content"] = m.Text })]),
        };
        bool complete = false;
        await foreach (string line in CallScope.StreamAsync(LinesAsync(body, cancellationToken), cancellationToken: cancellationToken)) // the caller's token reaches the guard
        {
            ChatResponseUpdate update = Read(line, model);
            complete |= update.FinishReason is not null;
            yield return update;
        }

        if (!complete)
        {
            throw new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, "The answer ended without its last line."), provider, model);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // The provider owns the connections.
    }

    private async IAsyncEnumerable<string> LinesAsync(JsonObject body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "api/chat") { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    private ChatResponseUpdate Read(string line, string model)
    {
        try
        {
            JsonNode answer = JsonNode.Parse(line)!;
            ChatResponseUpdate update = new(ChatRole.Assistant, answer["message"]?["content"]?.GetValue<string>() is { Length: > 0 } text ? [new TextContent(text)] : []) { ModelId = model };
            if (answer["done"]?.GetValue<bool>() is true)
            {
                update.FinishReason = answer["done_reason"]?.GetValue<string>() == "length" ? ChatFinishReason.Length : ChatFinishReason.Stop;
                (long? input, long? output) = (answer["prompt_eval_count"]?.GetValue<long>(), answer["eval_count"]?.GetValue<long>());
                update.Contents.Add(new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output }));
            }

            return update;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, "A line of the answer is malformed or cut."), provider, model, e);
        }
    }
}
