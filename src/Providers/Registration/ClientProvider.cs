using System.Net.Http;
using Microsoft.Extensions.AI;

namespace Providers.Registration;

/// <summary>A client the host already had, as a provider. Its health is what its traffic shows.</summary>
internal sealed class ClientProvider(ProviderDescriptor descriptor, IChatClient? chat, IEmbeddingGenerator<string, Embedding<float>>? embeddings) : IModelProvider
{
    public ProviderDescriptor Descriptor { get; } = descriptor;

    public IChatClient? ChatClient { get; } = chat;

    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator { get; } = embeddings;

    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) =>
        new(new ProviderHealthReport(ProviderHealth.Unknown, "A client of the host; its traffic tells."));

    public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new(Descriptor.Models);

    public ProviderFailure Classify(Exception exception) => exception switch
    {
        ProviderException known => known.Failure,
        NoProvidersAvailableException none => new ProviderFailure(FailureKind.Overloaded, none.Message) { RetryAfter = none.RetryAfter },
        OperationCanceledException or TimeoutException => new ProviderFailure(FailureKind.TimedOut, "The client gave up waiting."),
        HttpRequestException { StatusCode: { } status } http => OfStatus((int)status, http.Message),
        HttpRequestException or IOException => new ProviderFailure(FailureKind.ConnectionLost, exception.Message),
        ArgumentException or NotSupportedException => new ProviderFailure(FailureKind.BadRequest, exception.Message),
        _ => new ProviderFailure(FailureKind.Unknown, $"{exception.GetType().Name}: {exception.Message}"),
    };

    private static ProviderFailure OfStatus(int status, string message) => new(
        status switch
        {
            401 or 403 => FailureKind.AuthFailed,
            402 => FailureKind.QuotaExhausted,
            404 => FailureKind.ModelMissing,
            408 or 409 or 500 or 502 or 504 => FailureKind.Transient,
            429 => FailureKind.RateLimited,
            503 or 529 => FailureKind.Overloaded,
            >= 400 and < 500 => FailureKind.BadRequest,
            _ => FailureKind.Transient,
        },
        message)
    { Status = status };
}
