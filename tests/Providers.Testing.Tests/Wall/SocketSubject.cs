using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Providers.Testing.Tests.Wall;

/// <summary>A trusting client over a socket, for each wire: what ends is complete, what is no JSON is an error.</summary>
internal sealed class SocketSubject(Func<FaultWallSetup, int> choose) : IFaultWallSubject
{
    public string Name => "socket";

    public ValueTask<FaultWallClient> BuildAsync(FaultWallSetup setup, CancellationToken cancellationToken) => new(new FaultWallClient(new Client(setup.Targets[choose(setup)])));

    private sealed class Client(FaultWallTarget target) : IChatClient
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler()) { BaseAddress = target.Endpoint };

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            JsonArray list = [.. messages.Select(static m => (JsonNode)new JsonObject { ["role"] = m.Role.Value, ["content"] = m.Text })];
            JsonObject body = new() { ["model"] = target.Model, ["messages"] = list, ["stream"] = true, ["stream_options"] = new JsonObject { ["include_usage"] = true } };
            using HttpRequestMessage request = new(HttpMethod.Post, target.Wire is FaultWallWire.Ollama ? "/api/chat" : "/v1/chat/completions")
            {
                Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
            };
            request.Headers.Authorization = target.ApiKeys is [.., var key] ? new AuthenticationHeaderValue("Bearer", key) : null;
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new HttpRequestException(await response.Content.ReadAsStringAsync(cancellationToken), null, response.StatusCode);
            }

            using StreamReader reader = new(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                string json = line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : line;
                if (json is "" or "[DONE]" || json.StartsWith(':'))
                {
                    continue;
                }

                yield return Read(JsonNode.Parse(json) ?? throw new JsonException("null"));
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose() => _http.Dispose();

        private static ChatResponseUpdate Read(JsonNode node)
        {
            JsonNode? choice = node["choices"] is JsonArray { Count: > 0 } choices ? choices[0] : null;
            ChatResponseUpdate update = new(ChatRole.Assistant, (string?)node["message"]?["content"] ?? (string?)choice?["delta"]?["content"]) { ModelId = (string?)node["model"] };
            if (((string?)node["done_reason"] ?? (string?)choice?["finish_reason"]) is { } finish)
            {
                update.FinishReason = new ChatFinishReason(finish);
            }

            (int? input, int? output) = ((int?)node["prompt_eval_count"] ?? (int?)node["usage"]?["prompt_tokens"], (int?)node["eval_count"] ?? (int?)node["usage"]?["completion_tokens"]);
            if (output is not null)
            {
                update.Contents.Add(new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = output }));
            }

            return update;
        }
    }
}
