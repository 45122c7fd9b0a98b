using Providers.Http;

namespace Microsoft.Extensions.AI;

/// <summary>Adds the stream guard to chat pipelines.</summary>
public static class StreamGuardChatClientBuilderExtensions
{
    /// <summary>Guards the streams of any chat client: updates are held back until the first content, tool calls until the finish reason; a stream that ends without one fails.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <returns>The same pipeline.</returns>
    /// <remarks>
    /// A failed stream throws <see cref="Providers.ProviderException"/>, with <see cref="Providers.ProviderException.OutputCommitted"/> and what was handed out so far.
    /// A cancelled one throws <see cref="OperationCanceledException"/>, even where the client ends it normally. Whole answers pass through unchanged.
    /// </remarks>
    public static ChatClientBuilder UseStreamGuard(this ChatClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(static inner => new StreamGuardChatClient(inner));
    }
}
