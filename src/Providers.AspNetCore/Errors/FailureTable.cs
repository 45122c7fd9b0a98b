using Providers.Memory;

namespace Providers.AspNetCore.Errors;

/// <summary>What each failure of the layers below means to a client. What only the operator can mend comes out as one neutral sentence.</summary>
internal static class FailureTable
{
    private const string Operator = "The model servers could not answer. The operator finds the cause under this trace id.";

    public static ApiError Of(ProviderException e) => e.OutputCommitted
        ? new ApiError("stream_interrupted", "The model server broke off its answer; what arrived is incomplete.") { Exhausted = true }
        : Of(e.Failure);

    public static ApiError Of(NoProvidersAvailableException e)
    {
        // One cause for all of them says more than "nobody": a prompt too long for every target is the caller's to shorten.
        FailureKind[] kinds = [.. e.Targets.Select(static t => t.Failure?.Kind).OfType<FailureKind>().Distinct()];
        if (kinds is [FailureKind.ContextLengthExceeded or FailureKind.ContentFiltered or FailureKind.BadRequest or FailureKind.ModelMissing or FailureKind.TimedOut or FailureKind.BudgetExhausted])
        {
            return Of(e.Targets.First(static t => t.Failure is not null).Failure!);
        }

        if (kinds is [] && e.Targets.Count > 0 && e.Targets.All(static t => t.Skipped is SkipReason.MissingCapability or SkipReason.ContextTooSmall))
        {
            return new ApiError("unsupported", "No model of this route can do what the request needs.");
        }

        return new ApiError("no_provider_available", "No model server can take the request now.")
        {
            RetryAfter = e.RetryAfter ?? TimeSpan.FromSeconds(1),
            Exhausted = e.RetryAfter is null && kinds.Length > 0,
        };
    }

    public static ApiError Of(ProviderFailure failure) => failure.Kind switch
    {
        FailureKind.RateLimited => new("rate_limit_exceeded", "The model servers take no more requests now.") { RetryAfter = failure.RetryAfter ?? TimeSpan.FromSeconds(1) },
        FailureKind.BudgetExhausted => new("budget_exhausted", "The budget for these requests is used up; Retry-After says when the next begins.") { RetryAfter = failure.RetryAfter ?? TimeSpan.FromMinutes(1), Exhausted = true },
        FailureKind.Overloaded => new("overloaded", "The model servers are full.") { RetryAfter = failure.RetryAfter ?? TimeSpan.FromSeconds(1), Exhausted = true },
        FailureKind.ModelLoading => new("model_loading", "The model is being loaded.") { RetryAfter = failure.RetryAfter ?? TimeSpan.FromSeconds(5) },
        FailureKind.ModelMissing => new("model_not_found", "There is no such model or route.") { Parameter = "model" },
        FailureKind.ContextLengthExceeded => new("context_length_exceeded", Context(failure)) { Parameter = "messages" },
        FailureKind.ContentFiltered => new("content_filter", "The provider's content policy refused the request or its answer."),
        FailureKind.BadRequest when failure.MissingCapability is not ModelCapabilities.None => new("unsupported", $"The model lacks {failure.MissingCapability}."),
        FailureKind.BadRequest => new("invalid_request", "The model server refused the request as wrong."),
        FailureKind.TimedOut => new("timeout", "The model servers did not answer in time.") { Exhausted = true },
        FailureKind.Cancelled => new("client_closed_request", "The request was cancelled."),
        _ => new("provider_failed", Operator) { Exhausted = true },
    };

    public static ApiError Of(MemoryConflictException e) => e switch
    {
        { Current: null } => new("not_found", $"There is no memory '{e.Id}' here."),
        { Expected: 0 } => new("precondition_failed", $"Memory '{e.Id}' exists already, at version {e.Current}."),
        _ => new("precondition_failed", $"Memory '{e.Id}' is at version {e.Current}; version {e.Expected} was expected."),
    };

    private static string Context(ProviderFailure failure) => failure switch
    {
        { PromptTokens: { } tokens, ContextWindow: { } window } => $"The prompt has {tokens} tokens; the model's context holds {window}.",
        { ContextWindow: { } window } => $"The prompt is longer than the model's context of {window} tokens.",
        _ => "The prompt is longer than the model's context.",
    };
}
