using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Providers.Tests.Support;

/// <summary>A provider in process whose every call does what the test says, without leaving the thread.</summary>
internal sealed class FakeProvider(string name) : IModelProvider, IChatClient, IEmbeddingGenerator<string, Embedding<float>>, IAsyncDisposable
{
    public ProviderDescriptor Descriptor { get; set; } = new(name, "Fake");

    public bool Chats { get; set; } = true;

    /// <summary>Gets or sets what is asked in place of this, for what no fake can do.</summary>
    public IChatClient? Client { get; set; }

    public bool Embeds { get; set; }

    public Func<int, CancellationToken, Task<ChatResponse>> Answer { get; set; } = static (_, _) => Task.FromResult(Reply.Whole("ok"));

    public Func<int, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> Stream { get; set; } = static (_, _) => Reply.Tokens();

    public Func<IReadOnlyList<string>, Task<GeneratedEmbeddings<Embedding<float>>>> Embed { get; set; } = static texts => Task.FromResult(Reply.Vectors(texts.Count, 4));

    public Func<ProviderHealthReport> Health { get; set; } = static () => new ProviderHealthReport(ProviderHealth.Healthy);

    public IReranker? Reranker { get; set; }

    public List<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> Calls { get; } = [];

    public List<IReadOnlyList<string>> Embedded { get; } = [];

    public int Disposals { get; private set; }

    public IChatClient? ChatClient => Client ?? (Chats ? this : null);

    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => Embeds ? this : null;

    public FakeProvider Fails(FailureKind kind, TimeSpan? retryAfter = null, int times = int.MaxValue)
    {
        ProviderFailure failure = new(kind, $"{kind} on cue") { RetryAfter = retryAfter };
        var answer = Answer;
        var stream = Stream;
        Answer = (n, token) => n < times ? Task.FromException<ChatResponse>(new ProviderException(failure, Descriptor.Name)) : answer(n, token);
        Stream = (n, token) => n < times ? Reply.Throws(new ProviderException(failure, Descriptor.Name)) : stream(n, token);
        Embed = _ => Task.FromException<GeneratedEmbeddings<Embedding<float>>>(new ProviderException(failure, Descriptor.Name));
        return this;
    }

    public FakeProvider Hangs(bool obeysToken = true)
    {
        Answer = (_, token) => Reply.Never<ChatResponse>(obeysToken ? token : default);
        Stream = (_, token) => Reply.Silence(0, obeysToken ? token : default);
        return this;
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        return Answer(Note(messages, options), cancellationToken);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (ChatResponseUpdate update in Stream(Note(messages, options), cancellationToken))
        {
            yield return update;
        }
    }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = [.. values];
        lock (Embedded)
        {
            Embedded.Add(texts);
        }

        return Embed(texts);
    }

    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) => new(Health());

    public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new(Descriptor.Models);

    public ProviderFailure Classify(Exception exception) => exception switch
    {
        ProviderException known => known.Failure,
        IOException => new ProviderFailure(FailureKind.ConnectionLost, exception.Message),
        OperationCanceledException => new ProviderFailure(FailureKind.Cancelled, exception.Message),
        _ => new ProviderFailure(FailureKind.Unknown, exception.Message),
    };

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync()
    {
        Disposals++;
        return default;
    }

    private int Note(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        lock (Calls)
        {
            Calls.Add(([.. messages], options));
            return Calls.Count - 1;
        }
    }
}
