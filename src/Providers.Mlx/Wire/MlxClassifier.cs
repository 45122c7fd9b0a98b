using System.Net.Sockets;

namespace Providers.Mlx;

/// <summary>What an exception of the clients means for an MLX server.</summary>
internal static class MlxClassifier
{
    public static ProviderFailure Classify(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        foreach (Exception e in Chain(exception))
        {
            ProviderFailure? failure = e switch
            {
                ProviderException provider => provider.Failure,
                MlxServerException server => new(server.Kind, server.Message),
                TimeoutException => new(FailureKind.TimedOut, e.Message),
                InvalidDataException => new(FailureKind.InvalidResponse, e.Message),
                _ => null,
            };
            if (failure is not null)
            {
                return failure;
            }
        }

        return Chain(exception).Any(static e => e is HttpRequestException or IOException or SocketException)
            ? new ProviderFailure(FailureKind.ConnectionLost, $"The connection failed: {exception.GetBaseException().Message}")
            : exception is OperationCanceledException ? new ProviderFailure(FailureKind.Cancelled, "The request was cancelled.")
            : new ProviderFailure(FailureKind.Unknown, exception.Message);
    }

    /// <summary>Whether the server took the connection and closed it in order, without an answer. A reset is no such close: the server reads the whole request before it refuses it.</summary>
    public static bool WasDropped(Exception exception) =>
        !Chain(exception).OfType<SocketException>().Any(static e => e.SocketErrorCode is SocketError.ConnectionReset)
        && Chain(exception).OfType<HttpRequestException>().FirstOrDefault() is { } http
        && http.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError);

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            yield return exception;
        }
    }
}
