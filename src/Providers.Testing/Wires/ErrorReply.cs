namespace Providers.Testing.Wires;

/// <summary>An error before it is put into a wire's own form.</summary>
internal sealed record ErrorReply(int Status, string Message, string? Code = null, string? RetryAfter = null)
{
    public static ErrorReply Of(Fault fault) => new(fault.Code, fault.Text ?? Default(fault), fault.Reason, fault.Retry);

    private static string Default(Fault fault) => (fault.Code, fault.Reason) switch
    {
        (_, "context_length_exceeded") => "This model's maximum context length is 8192 tokens. However, your messages resulted in 9120 tokens.",
        (_, "content_policy_violation" or "content_filter") => "Your request was rejected as a result of our safety system.",
        (401, _) or (_, "invalid_api_key") => "Incorrect API key provided.",
        (_, "insufficient_quota") => "You exceeded your current quota, please check your plan and billing details.",
        (429, _) => "Rate limit reached for requests.",
        (404, _) => "The model was not found.",
        (503, "loading") => "Loading model",
        (503, _) => "The server is overloaded, please try again later.",
        ( >= 500, _) => "The server had an error while processing your request.",
        _ => "The request is not valid.",
    };
}
