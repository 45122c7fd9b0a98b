namespace Providers.Tools;

/// <summary>What a caller is told of a model server's failures: the kind, never the server's words or address.</summary>
internal static class ProviderToolErrors
{
    public static ToolException? Explain(Exception exception) => exception switch
    {
        NoProvidersAvailableException none => None(none),
        ProviderException failed => Failed(failed),
        _ => null,
    };

    private static ToolException None(NoProvidersAvailableException none)
    {
        ToolErrorCode code = none.Targets.Count > 0 && none.Targets.All(static t => t.Failure is { Kind: FailureKind.RateLimited } || t.Skipped is SkipReason.RateLimited or SkipReason.LimitReached)
            ? ToolErrorCode.RateLimited
            : ToolErrorCode.Unavailable;
        string targets = string.Join(", ", none.Targets.Select(static t => $"{t.Provider} {(t.Failure is { } failure ? failure.Kind.ToString() : t.Skipped.ToString())}").Distinct());
        string wait = none.RetryAfter is { } after ? $"try again in {Math.Ceiling(after.TotalSeconds)} s" : "try again later";
        return new ToolException(code, $"No model of route '{none.Route}' could answer ({targets}); {wait}, or name another route from list_models.", none) { RetryAfter = none.RetryAfter };
    }

    private static ToolException Failed(ProviderException failed)
    {
        (ToolErrorCode code, string what) = failed.Kind switch
        {
            FailureKind.ModelMissing => (ToolErrorCode.NotFound, "there is no such route or model; list_models gives those there are"),
            FailureKind.ContextLengthExceeded => (ToolErrorCode.InvalidInput, "the messages are longer than the model's context window; shorten them, or name a model with a larger one"),
            FailureKind.ContentFiltered => (ToolErrorCode.InvalidInput, "the model's content policy refused it; put it differently"),
            FailureKind.BadRequest => (ToolErrorCode.InvalidInput, "the model's server refused the request as it is; ask for less (json_schema, images), or name another model"),
            FailureKind.RateLimited => (ToolErrorCode.RateLimited, "the model's server takes no more requests now"),
            FailureKind.BudgetExhausted => (ToolErrorCode.RateLimited, "the budget for these requests is used up; wait for its next window, or name a route with another budget"),
            _ => (ToolErrorCode.Unavailable, $"the model's server failed ({failed.Kind}); try again later, or name another route"),
        };
        string partial = failed.OutputCommitted ? " A part of the answer had come and is lost." : "";
        return new ToolException(code, $"chat: {what}.{partial}", failed) { RetryAfter = failed.Failure.RetryAfter };
    }
}
