namespace Providers.Http;

/// <summary>What an error means when the adapter has no opinion of its own.</summary>
internal static class StatusTable
{
    public static ProviderFailure Classify(WireError error)
    {
        FailureKind kind = Kind(error, error.Message ?? "");
        string message = error.Message ?? (error.IsPage ? "The server answered with a web page; check the endpoint's address and any proxy before it."
            : error.Status is 200 ? "The server reported an error without a message." : $"The server answered HTTP {error.Status} without a message.");
        return new ProviderFailure(kind, message) { Code = error.Code ?? error.Type };
    }

    private static FailureKind Kind(WireError error, string text)
    {
        if (Said(error, "insufficient_quota") || Said(error, "credit_balance_exhausted") || (error.Code ?? "").StartsWith("billing_", StringComparison.Ordinal))
        {
            return FailureKind.QuotaExhausted;
        }

        if (error.Status is not 429 && (Said(error, "context_length_exceeded") || Said(error, "exceed_context_size_error") || Has(text, "maximum context length")
            || Has(text, "exceed_context_size_error") || Has(text, "context length is only") || Has(text, "too large to process")))
        {
            return FailureKind.ContextLengthExceeded;
        }

        if (Said(error, "content_filter") || Said(error, "content_policy_violation") || Said(error, "ResponsibleAIPolicyViolation"))
        {
            return FailureKind.ContentFiltered;
        }

        return error.Status switch
        {
            _ when Said(error, "invalid_api_key") || Said(error, "authentication_error") => FailureKind.AuthFailed,
            401 or 403 => FailureKind.AuthFailed,
            402 => FailureKind.QuotaExhausted,
            404 when Said(error, "model_not_found") || Has(text, "model") => FailureKind.ModelMissing,
            408 or 409 => FailureKind.Transient,
            429 => FailureKind.RateLimited,
            200 when Said(error, "rate_limit_exceeded") => FailureKind.RateLimited,
            200 when Has(text, "overloaded") => FailureKind.Overloaded,
            200 when error.InStream => FailureKind.ConnectionLost,
            503 when Said(error, "unavailable_error") || Has(text, "loading model") || Has(text, "model is loading") => FailureKind.ModelLoading,
            503 when error.IsPage => FailureKind.Transient,
            498 or 503 or 529 => FailureKind.Overloaded,
            501 => FailureKind.BadRequest,
            // llama-server and KoboldCpp answer 500 to requests that are wrong for good.
            500 when Has(text, "does not logits computation") || Has(text, "parse_error") || Has(text, "[json.exception") || Said(error, "bad_input") => FailureKind.BadRequest,
            >= 500 when error.InStream => FailureKind.ConnectionLost,
            >= 500 => FailureKind.Transient,
            >= 400 when error.IsPage => FailureKind.Unknown,
            >= 400 => FailureKind.BadRequest,
            _ => FailureKind.Unknown,
        };
    }

    private static bool Said(WireError error, string word) =>
        word.Equals(error.Code, StringComparison.OrdinalIgnoreCase) || word.Equals(error.Type, StringComparison.OrdinalIgnoreCase);

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
