using Microsoft.Extensions.AI;

namespace Providers.Testing.Wall;

/// <summary>Makes one call and writes down what the caller gets, as it comes.</summary>
internal sealed class WallRecorder(DateTimeOffset start)
{
    private static readonly AITool Tool = AIFunctionFactory.CreateDeclaration("get_weather", "Weather now", JsonElementOf("""{"type":"object","properties":{"city":{"type":"string"}}}"""));

    private readonly Lock _gate = new();
    private readonly List<ChatResponseUpdate> _updates = [];
    private Exception? _error;
    private IReadOnlyList<float[]>? _vectors;

    public WallCall Call
    {
        get
        {
            lock (_gate)
            {
                ChatResponse response = _updates.ToChatResponse();
                return new WallCall(start)
                {
                    Text = string.Concat(_updates.Select(static u => u.Text)),
                    ToolCalls = [.. _updates.SelectMany(static u => u.Contents).OfType<FunctionCallContent>()],
                    Usage = response.Usage,
                    ModelId = response.ModelId,
                    Vectors = _vectors,
                    Error = _error,
                };
            }
        }
    }

    public async Task RecordAsync(FaultWallClient client, FaultWallScenario scenario, bool streaming, CancellationToken token)
    {
        try
        {
            if (scenario.Embeds)
            {
                await EmbedAsync(client, token).ConfigureAwait(false);
                return;
            }

            IChatClient chat = client.Chat ?? throw new NotSupportedException("The subject does not chat.");
            ChatMessage[] messages = [new ChatMessage(ChatRole.User, WallEvidence.Question)];
            ChatOptions? options = scenario.WithTools ? new ChatOptions { Tools = [Tool] } : null;
            if (streaming)
            {
                await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(messages, options, token).ConfigureAwait(false))
                {
                    Add([update]);
                }
            }
            else
            {
                Add((await chat.GetResponseAsync(messages, options, token).ConfigureAwait(false)).ToChatResponseUpdates());
            }
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                _error = e;
            }
        }
    }

    private static System.Text.Json.JsonElement JsonElementOf(string json) => System.Text.Json.JsonDocument.Parse(json).RootElement;

    private async Task EmbedAsync(FaultWallClient client, CancellationToken token)
    {
        IEmbeddingGenerator<string, Embedding<float>> generator = client.Embeddings ?? throw new NotSupportedException("The subject does not embed.");
        GeneratedEmbeddings<Embedding<float>> result = await generator.GenerateAsync(WallEvidence.Texts, cancellationToken: token).ConfigureAwait(false);
        lock (_gate)
        {
            _vectors = [.. result.Select(static v => v.Vector.ToArray())];
        }
    }

    private void Add(IEnumerable<ChatResponseUpdate> updates)
    {
        lock (_gate)
        {
            _updates.AddRange(updates);
        }
    }
}
