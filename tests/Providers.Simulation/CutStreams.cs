using System.Runtime.CompilerServices;

namespace Providers.Simulation;

/// <summary>A stream drawn from a seed: tokens of several kinds, and where and how its first server breaks off.</summary>
internal sealed record CutPlan(int Length, int Cut, int Style, int UsageEvery)
{
    public static CutPlan From(Random random, int index)
    {
        int length = 1 + random.Next(40);
        return new CutPlan(length, index % (length + 1), random.Next(3), random.Next(4));
    }

    public static string Token(int index) => $"t{index:00} ";

    public string Text(int from, int to) => string.Concat(Enumerable.Range(from, to - from).Select(Token));
}

/// <summary>Serves the plan of the request under way, or, as the one that is cut, its beginning.</summary>
internal sealed class CutTarget(string name, bool cuts) : IModelProvider, IChatClient
{
    public CutPlan Plan { get; set; } = new(1, 0, 0, 0);

    public int Asked { get; private set; }

    public ProviderDescriptor Descriptor { get; } = new(name, "Cut");

    public IChatClient? ChatClient => this;

    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => null;

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Asked++;
        await Task.CompletedTask;
        ChatMessage last = messages.Last();
        int from = last.Role == ChatRole.Assistant ? last.Text.Length / CutPlan.Token(0).Length : 0;
        int to = cuts ? Plan.Cut : Plan.Length;
        yield return new ChatResponseUpdate { Role = ChatRole.Assistant };
        for (int i = from; i < to; i++)
        {
            ChatResponseUpdate update = new(ChatRole.Assistant, CutPlan.Token(i));
            if (Plan.UsageEvery > 0 && i % Plan.UsageEvery == 0)
            {
                update.Contents.Add(Usage(i + 1)); // some servers report running totals on every chunk
            }

            yield return update;
        }

        if (cuts && Plan.Style is 0)
        {
            throw new IOException("reset");
        }

        if (cuts && Plan.Style is 1)
        {
            throw new ProviderException(new ProviderFailure(FailureKind.Transient, "an error in the stream"), name);
        }

        if (!cuts)
        {
            yield return new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop };
            yield return new ChatResponseUpdate { Contents = [Usage(Plan.Length)] };
        }
    }

    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) => new(new ProviderHealthReport(ProviderHealth.Healthy));

    public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new([]);

    public ProviderFailure Classify(Exception exception) => new(FailureKind.ConnectionLost, exception.Message);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private static UsageContent Usage(int tokens) => new(new UsageDetails { OutputTokenCount = tokens, TotalTokenCount = tokens });
}
