using Microsoft.Extensions.AI;
using Providers.Routing;
using Providers.Streaming;

namespace Providers.Chat;

/// <summary>The one chat client of a composite: finds the route, then fails over until a target serves. Safe for concurrent use.</summary>
internal sealed class CompositeChatClient(Router router, Failover failover) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("providers");

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ChatMessage> list = ChatRequests.ListOf(messages);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<ChatResponse>(cancellationToken);
        }

        Call call = router.Begin(options?.ModelId, ChatRequests.PreferencesOf(options), ModelCapabilities.Chat, cancellationToken);
        ChatRequests.ReadNeeds(call, list, options);
        return failover.RunAsync<ChatOperation, ChatResponse>(call, new ChatOperation(router, list, options));
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        new CompositeStream(router, failover, ChatRequests.ListOf(messages), options, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public void Dispose()
    {
        // The composite owns the providers and outlives its clients.
    }
}
