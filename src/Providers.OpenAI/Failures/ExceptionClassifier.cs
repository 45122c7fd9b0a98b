using System.ClientModel;
using System.Text.Json;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Says what an exception of the SDK means; those of the HTTP stack and the guard are the guard's to tell.</summary>
internal static class ExceptionClassifier
{
    public static ProviderFailure Classify(Exception exception)
    {
        ProviderFailure seen = FailureClassifier.Classify(exception, Known);
        return exception switch
        {
            OperationCanceledException { InnerException: null } => new ProviderFailure(FailureKind.Cancelled, "The request was cancelled."),
            JsonException => Unreadable(exception),
            _ when seen.Kind is not FailureKind.Unknown => seen,
            ClientResultException { Status: 0 } => new ProviderFailure(FailureKind.ConnectionLost, "The server gave no answer."),
            ArgumentOutOfRangeException or FormatException or InvalidOperationException or KeyNotFoundException => Unreadable(exception),
            ArgumentException or NotSupportedException => new ProviderFailure(FailureKind.BadRequest, $"The request cannot be put into the protocol: {exception.Message}"),
            _ => seen,
        };
    }

    private static ProviderFailure? Known(Exception link) => link switch
    {
        ClientResultException { Status: > 0 } refused => ErrorClassifier.Classify(WireError.Read(refused.Status, refused.GetRawResponse()?.Content.ToString() ?? "")),
        HttpRequestException { StatusCode: { } status } => ErrorClassifier.Classify(new WireError((int)status, "")),
        InvalidDataException invalid => new ProviderFailure(FailureKind.InvalidResponse, invalid.Message),
        TimeoutException late => new ProviderFailure(FailureKind.TimedOut, late.Message),
        _ => null,
    };

    private static ProviderFailure Unreadable(Exception exception) =>
        new(FailureKind.InvalidResponse, $"The server's answer is not one of the protocol ({exception.GetType().Name}).");
}
