using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Providers.Memory;

namespace Providers.AspNetCore.Errors;

/// <summary>Says what an exception means to a client.</summary>
internal static class ErrorMapper
{
    /// <returns><see langword="null"/>: a defect of ours or of the host; logged in full and answered in one sentence.</returns>
    public static ApiError? Map(Exception e, CancellationToken aborted) => e switch
    {
        ApiException api => api.Error,
        OperationCanceledException when aborted.IsCancellationRequested => new ApiError("client_closed_request", "The client left."),
        ProviderException provider => FailureTable.Of(provider),
        NoProvidersAvailableException none => FailureTable.Of(none),
        MemoryValidationException memory => Validation(memory),
        MemoryConflictException conflict => FailureTable.Of(conflict),
        MemoryUnavailableException lost => new ApiError("store_unavailable", lost.OutcomeUnknown ? "The memory failed while it wrote; whether it happened is not known. Repeat with the same Idempotency-Key." : "The memory cannot be reached; nothing was changed.") { RetryAfter = TimeSpan.FromSeconds(1) },
        MemoryQuotaException quota => new ApiError("rate_limit_exceeded", quota.Message) { RetryAfter = quota.RetryAfter },
        BadHttpRequestException bad => new ApiError(ErrorCatalogue.CodeOf(bad.StatusCode), BadRequest(bad.StatusCode)),
        JsonException => new ApiError("invalid_json", "The body is not valid JSON for this request."),
        OperationCanceledException or TimeoutException => new ApiError("timeout", "The work was not done in time.") { Exhausted = true },
        _ => null,
    };

    private static ApiError Validation(MemoryValidationException e)
    {
        if (e.Errors is [{ } only] && only.StartsWith("cursor:", StringComparison.Ordinal))
        {
            return new ApiError("invalid_cursor", only) { Errors = [new ApiErrorItem("cursor", only)] };
        }

        if (e.Errors is [{ } key] && key.StartsWith("idempotency_key:", StringComparison.Ordinal) && key.Contains("other changes", StringComparison.Ordinal))
        {
            return new ApiError("idempotency_mismatch", "The Idempotency-Key was used for another request within the last 24 hours.");
        }

        bool large = e.Errors.Count > 0 && e.Errors.All(static m => m.Contains("bytes of UTF-8;", StringComparison.Ordinal));
        return new ApiError(large ? "body_too_large" : "validation_failed", string.Join(" ", e.Errors))
        {
            Errors = [.. e.Errors.Select(static m => new ApiErrorItem(FieldOf(m), m))],
        };
    }

    private static string FieldOf(string message)
    {
        int end = message.IndexOf(':', StringComparison.Ordinal);
        return end > 0 ? Pointers.Of(message[..end]) : "";
    }

    private static string BadRequest(int status) => status switch
    {
        413 => "The body is larger than allowed.",
        408 => "The body did not arrive in time.",
        _ => "The request could not be read.",
    };
}
