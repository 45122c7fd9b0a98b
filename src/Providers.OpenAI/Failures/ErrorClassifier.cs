using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Says what an error of the protocol means: what the server said counts before its status.</summary>
internal static class ErrorClassifier
{
    /// <summary>Classifies an error.</summary>
    /// <param name="error">The error, as the guard read it.</param>
    /// <param name="asked">What the request was for; says what is missing where the server has no such path.</param>
    public static ProviderFailure Classify(WireError error, ModelCapabilities asked = ModelCapabilities.Chat)
    {
        FailureKind kind = Kind(error, asked);
        string message = error.Message ?? Words.For(error.Status, error.IsPage);
        (int? prompt, int? window) = kind is FailureKind.ContextLengthExceeded ? ContextNumbers.Find(message) : default;
        return new ProviderFailure(kind, message)
        {
            Status = error.Status is >= 400 ? error.Status : null,
            Code = error.Code ?? error.Type,
            RetryAfter = error.RetryAfter,
            MissingCapability = kind is FailureKind.BadRequest ? Capabilities.Missing(error, asked) : ModelCapabilities.None,
            PromptTokens = error.PromptTokens ?? prompt,
            ContextWindow = error.ContextWindow ?? window,
        };
    }

    private static FailureKind Kind(WireError error, ModelCapabilities asked)
    {
        int status = error.Status is >= 400 ? error.Status : 0;
        string text = error.Message ?? "";
        if (IsQuota(status, error, text))
        {
            return FailureKind.QuotaExhausted;
        }

        if (status is not 429 && IsTooLong(error, text))
        {
            return FailureKind.ContextLengthExceeded;
        }

        return IsFiltered(error) ? FailureKind.ContentFiltered
            : IsModelMissing(status, error, text) ? FailureKind.ModelMissing
            : Said(error, "invalid_api_key") || Said(error, "authentication_error") || Said(error, "permission_error") ? FailureKind.AuthFailed
            : Capabilities.Missing(error, asked) is not ModelCapabilities.None || IsMalformed(status, error, text) ? FailureKind.BadRequest
            : status is 503 or 0 && (Has(text, "loading model") || Has(text, "model is loading") || Has(text, "currently loading") || Said(error, "unavailable_error")) ? FailureKind.ModelLoading
            : IsOverloaded(status, error, text) ? FailureKind.Overloaded
            : Said(error, "rate_limit_exceeded") || Said(error, "rate_limit_error") || Said(error, "slow_down") ? FailureKind.RateLimited
            : ByStatus(status, error);
    }

    private static FailureKind ByStatus(int status, WireError error) => status switch
    {
        429 => FailureKind.RateLimited,
        401 or 403 => FailureKind.AuthFailed,
        503 when error.IsPage => FailureKind.Transient,
        498 or 503 or 529 => FailureKind.Overloaded,
        408 or 409 or >= 500 => FailureKind.Transient,
        400 or 422 when error.IsPage => FailureKind.Unknown,
        >= 400 => FailureKind.BadRequest,
        _ => Said(error, "server_error") || Said(error, "internal_server_error") || Said(error, "api_error") ? FailureKind.Transient
            : Said(error, "invalid_request_error") || Said(error, "BadRequestError") ? FailureKind.BadRequest
            : FailureKind.Unknown,
    };

    private static bool IsQuota(int status, WireError error, string text) =>
        status is 402 || Said(error, "insufficient_quota") || Said(error, "credit_balance_exhausted")
        || error.Code?.StartsWith("billing_", StringComparison.OrdinalIgnoreCase) is true || error.Type?.StartsWith("billing_", StringComparison.OrdinalIgnoreCase) is true
        || (status is 429 or 403 && (Has(text, "exceeded your current quota") || Has(text, "insufficient credit") || Has(text, "insufficient balance")));

    private static bool IsTooLong(WireError error, string text) =>
        Said(error, "context_length_exceeded") || Said(error, "exceed_context_size_error") || Said(error, "embedding_input_too_long")
        || Has(text, "maximum context length") || Has(text, "context length is only") || Has(text, "available context size")
        || Has(text, "exceeds the context length") || Has(text, "exceeds maximum context length") || Has(text, "exceeds the context window")
        || Has(text, "too large to process"); // llama-server's 500 for an embedding input longer than its batch

    private static bool IsFiltered(WireError error) =>
        Said(error, "content_filter") || Said(error, "content_policy_violation") || Said(error, "moderation_blocked") || Said(error, "ResponsibleAIPolicyViolation");

    private static bool IsModelMissing(int status, WireError error, string text) =>
        Said(error, "model_not_found") || Said(error, "DeploymentNotFound")
        || (status is 404 && (Has(text, "model ") || Has(text, "model'") || Has(text, "model`") || Has(text, "cannot find") || Has(text, "repository not found")))
        || (status is 400 or 0 && (Has(text, "is not a valid model") || Has(text, "model not exist")));

    private static bool IsOverloaded(int status, WireError error, string text) =>
        Said(error, "server_is_overloaded") || Said(error, "overloaded_error") || Said(error, "capacity_exceeded") || Said(error, "engine_overloaded_error")
        || (status is 503 && Said(error, "slow_down")) || (status is 0 or 429 or >= 500 && Has(text, "overloaded"));

    // llama-server and KoboldCpp answer 500 to a request that is wrong for good.
    private static bool IsMalformed(int status, WireError error, string text) =>
        status is 500 && (Said(error, "bad_input") || Has(text, "parse_error") || Has(text, "[json.exception"));

    private static bool Said(WireError error, string word) =>
        word.Equals(error.Code, StringComparison.OrdinalIgnoreCase) || word.Equals(error.Type, StringComparison.OrdinalIgnoreCase);

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
