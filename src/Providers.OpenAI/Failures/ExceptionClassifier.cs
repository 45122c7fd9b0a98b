using System.ClientModel;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;

namespace Providers.OpenAI;

/// <summary>Says what an exception of the SDK, the HTTP stack or the guard means.</summary>
internal static class ExceptionClassifier
{
    public static ProviderFailure Classify(Exception exception)
    {
        List<Exception> chain = [.. Chain(exception)];
        foreach (Exception link in chain)
        {
            if (Known(link) is { } failure)
            {
                return failure;
            }
        }

        return chain.Any(static e => e is HttpRequestException or IOException or SocketException)
            ? new ProviderFailure(FailureKind.ConnectionLost, Connection(chain))
            : exception switch
            {
                OperationCanceledException => new ProviderFailure(FailureKind.Cancelled, "The request was cancelled."),
                ClientResultException => new ProviderFailure(FailureKind.ConnectionLost, "The server gave no answer."),
                ArgumentOutOfRangeException or JsonException or FormatException or InvalidOperationException or KeyNotFoundException =>
                    new ProviderFailure(FailureKind.InvalidResponse, $"The server's answer is not one of the protocol ({exception.GetType().Name})."),
                ArgumentException or NotSupportedException => new ProviderFailure(FailureKind.BadRequest, $"The request cannot be put into the protocol: {exception.Message}"),
                _ => new ProviderFailure(FailureKind.Unknown, $"{exception.GetType().Name}: {Redaction.Scrub(exception.Message)}"),
            };
    }

    private static ProviderFailure? Known(Exception link) => link switch
    {
        ProviderException known => known.Failure,
        ClientResultException { Status: > 0 } refused => ErrorClassifier.Classify(refused.Status, refused.GetRawResponse()?.Content.ToString()),
        HttpRequestException { StatusCode: { } status } => ErrorClassifier.Classify((int)status, null),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            new ProviderFailure(FailureKind.InvalidResponse, "The server's answer is longer than is read."),
        InvalidDataException invalid => new ProviderFailure(FailureKind.InvalidResponse, invalid.Message),
        TimeoutException late => new ProviderFailure(FailureKind.TimedOut, late.Message),
        _ => null,
    };

    private static string Connection(List<Exception> chain)
    {
        HttpRequestError reason = chain.OfType<HttpRequestException>().FirstOrDefault()?.HttpRequestError ?? chain.OfType<HttpIOException>().FirstOrDefault()?.HttpRequestError ?? HttpRequestError.Unknown;
        SocketError? socket = chain.OfType<SocketException>().FirstOrDefault()?.SocketErrorCode;
        return reason switch
        {
            HttpRequestError.NameResolutionError => "The server's name does not resolve; check Endpoint.",
            HttpRequestError.ConnectionError when socket is SocketError.ConnectionRefused => "Nothing listens at the endpoint: the connection was refused.",
            HttpRequestError.ConnectionError => $"The connection could not be made ({socket?.ToString() ?? "no reason given"}).",
            HttpRequestError.SecureConnectionError => "The TLS handshake failed; check whether Endpoint should be http or https.",
            HttpRequestError.ResponseEnded => "The server closed the connection before its answer was complete.",
            _ when chain.OfType<AuthenticationException>().Any() => "The TLS handshake failed; check whether Endpoint should be http or https.",
            _ => $"The connection broke ({socket?.ToString() ?? reason.ToString()}).",
        };
    }

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (Exception? link = exception; link is not null; link = link is AggregateException { InnerExceptions: [.., var last] } ? last : link.InnerException)
        {
            yield return link;
        }
    }
}
