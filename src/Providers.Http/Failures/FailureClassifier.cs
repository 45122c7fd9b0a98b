using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;

namespace Providers.Http;

/// <summary>Says what an exception of an HTTP client, an SDK over it, or the guard means. Safe for concurrent use.</summary>
public static class FailureClassifier
{
    /// <summary>Classifies an exception; whatever it is wrapped in is unwrapped.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="own">Recognises the exceptions of an SDK; asked for each link of the chain, outermost first. <see langword="null"/>: none.</param>
    /// <param name="cancellationToken">The caller's token: only it tells a cancellation from a time-out.</param>
    /// <returns>The failure; <see cref="FailureKind.Unknown"/> when nothing is recognised.</returns>
    public static ProviderFailure Classify(Exception exception, Func<Exception, ProviderFailure?>? own = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(exception);
        if (cancellationToken.IsCancellationRequested)
        {
            return new ProviderFailure(FailureKind.Cancelled, "The caller cancelled the request.");
        }

        List<Exception> chain = [.. Chain(exception)];
        foreach (Exception link in chain)
        {
            if (link is ProviderException known)
            {
                return known.Failure;
            }
        }

        foreach (Exception link in chain)
        {
            if ((own?.Invoke(link) ?? Known(link)) is { } failure)
            {
                return failure;
            }
        }

        return Broken(chain) ?? ByType(exception);
    }

    private static ProviderFailure? Known(Exception link) => link switch
    {
        HttpRequestException { StatusCode: { } status } => StatusTable.Classify(new WireError((int)status, "")) with { Status = (int)status },
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            new ProviderFailure(FailureKind.InvalidResponse, "The server's answer is longer than is read."),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } =>
            new ProviderFailure(FailureKind.InvalidResponse, "What listens at the endpoint does not speak HTTP; check Endpoint's port."),
        TimeoutException => new ProviderFailure(FailureKind.TimedOut, "The server did not answer in time."),
        InvalidDataException => new ProviderFailure(FailureKind.InvalidResponse, "The server's answer cannot be decoded."),
        _ => null,
    };

    private static ProviderFailure? Broken(List<Exception> chain)
    {
        if (!chain.Any(static e => e is HttpRequestException or IOException or SocketException))
        {
            return null;
        }

        HttpRequestError reason = chain.OfType<HttpRequestException>().FirstOrDefault()?.HttpRequestError
            ?? chain.OfType<HttpIOException>().FirstOrDefault()?.HttpRequestError ?? HttpRequestError.Unknown;
        SocketError? socket = chain.OfType<SocketException>().FirstOrDefault()?.SocketErrorCode;
        string message = reason switch
        {
            HttpRequestError.NameResolutionError => "The server's name does not resolve; check Endpoint.",
            HttpRequestError.SecureConnectionError => Handshake(chain),
            HttpRequestError.ResponseEnded => "The server closed the connection before its answer was complete.",
            _ when chain.Any(static e => e is AuthenticationException) => Handshake(chain),
            _ when socket is SocketError.ConnectionRefused => "Nothing listens at the endpoint: the connection was refused.",
            _ when socket is SocketError.HostNotFound or SocketError.TryAgain => "The server's name does not resolve; check Endpoint.",
            HttpRequestError.ConnectionError => $"The connection could not be made ({socket?.ToString() ?? "no reason given"}).",
            _ => $"The connection broke ({socket?.ToString() ?? reason.ToString()}).",
        };
        return new ProviderFailure(FailureKind.ConnectionLost, message) { Code = socket?.ToString() };
    }

    private static string Handshake(List<Exception> chain) =>
        $"The TLS handshake failed{(chain.OfType<AuthenticationException>().LastOrDefault() is { } reason ? $" ({ErrorText.Shorten(reason.Message).TrimEnd('.')})" : "")}; check the server's certificate, and whether Endpoint should be http or https.";

    private static ProviderFailure ByType(Exception exception) => exception switch
    {
        OperationCanceledException => new ProviderFailure(FailureKind.TimedOut, "The request was given up before its answer came."),
        JsonException => new ProviderFailure(FailureKind.InvalidResponse, "The server's answer is not the JSON of the protocol."),
        _ => new ProviderFailure(FailureKind.Unknown, $"{exception.GetType().Name}: {ErrorText.Shorten(exception.Message)}"),
    };

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (Exception? link = exception; link is not null; link = link is AggregateException { InnerExceptions: [.., var last] } ? last : link.InnerException)
        {
            yield return link;
        }
    }
}
