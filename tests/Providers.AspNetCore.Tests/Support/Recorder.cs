using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.AspNetCore.Tests.Support;

/// <summary>A client that remembers what it was asked.</summary>
internal sealed class Recorder : IChatClient
{
    public ChatMessage[]? Messages { get; private set; }

    public ChatOptions? Options { get; private set; }

    public Exception? Error { get; set; }

    public ChatResponse? Answer { get; set; }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        (Messages, Options) = ([.. messages], options);
        return Error is not null ? Task.FromException<ChatResponse>(Error) : Task.FromResult(Answer ?? new ChatResponse(new ChatMessage(ChatRole.Assistant, "ok")));
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Forget() => (Messages, Options, Error, Answer) = (null, null, null, null);

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("recorder", null, "recorder-model") : null;

    public void Dispose()
    {
    }
}

/// <summary>One host over a recorder for many tests of a class.</summary>
public sealed class RecorderHost : IAsyncLifetime
{
    internal Recorder Recorder { get; } = new();

    internal GatewayHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await GatewayHost.StartAsync([], build: b => b.Services.AddSingleton<IChatClient>(Recorder));

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Recorder.Dispose();
    }
}
