using Microsoft.Extensions.AI;
using ModelContextProtocol.Server;

namespace Providers.Mcp.Sampling;

/// <summary>Asks the model of the client whose call is being carried out.</summary>
internal sealed class SamplingChatClient(string provider) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("mcp.sampling");

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Client().GetResponseAsync(messages, options, cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Client().GetStreamingResponseAsync(messages, options, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    public void Dispose()
    {
        // Sessions belong to the server.
    }

    private IChatClient Client()
    {
        if (CurrentServer.Value is not { } server)
        {
            throw Missing("it can only be asked while an MCP client's call is carried out");
        }

        if (server.ClientCapabilities?.Sampling is null)
        {
            throw Missing("the MCP client of this session offers no sampling");
        }

        try
        {
            return server.AsSamplingChatClient();
        }
        catch (InvalidOperationException e)
        {
            throw Missing("this session cannot carry requests to its client", e);
        }
    }

    private ProviderException Missing(string why, Exception? inner = null) =>
        new(new ProviderFailure(FailureKind.ModelMissing, $"There is no model to ask: {why}."), provider, null, inner);
}
