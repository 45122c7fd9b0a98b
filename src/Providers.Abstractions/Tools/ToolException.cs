namespace Providers.Tools;

/// <summary>Why a tool refused or failed, in terms a caller can act on.</summary>
public enum ToolErrorCode
{
    /// <summary>An argument is wrong: <c>invalid_input</c>.</summary>
    InvalidInput,

    /// <summary>What the call names is not there: <c>not_found</c>.</summary>
    NotFound,

    /// <summary>What is there is not what the call expected: <c>conflict</c>.</summary>
    Conflict,

    /// <summary>Too many calls: <c>rate_limited</c>.</summary>
    RateLimited,

    /// <summary>What the tool needs cannot be reached; the operator's log says why: <c>unavailable</c>.</summary>
    Unavailable,

    /// <summary>The caller may not do this: <c>permission_denied</c>.</summary>
    PermissionDenied,
}

/// <summary>A tool refused or failed; nothing was changed. The message is written for the caller, a model or a client, and holds nothing of the host's inside.</summary>
public sealed class ToolException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="code">Why.</param>
    /// <param name="message">What was wrong, with the numbers, and what to do.</param>
    /// <param name="innerException">The cause, for the log only; may be <see langword="null"/>.</param>
    public ToolException(ToolErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
    }

    /// <summary>Gets why.</summary>
    public ToolErrorCode Code { get; }

    /// <summary>Gets in how long the same call may be repeated.</summary>
    /// <value><see langword="null"/>: unknown, or never.</value>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets the code as doors write it, as in <c>invalid_input</c>.</summary>
    public string CodeName => Code switch
    {
        ToolErrorCode.InvalidInput => "invalid_input",
        ToolErrorCode.NotFound => "not_found",
        ToolErrorCode.Conflict => "conflict",
        ToolErrorCode.RateLimited => "rate_limited",
        ToolErrorCode.PermissionDenied => "permission_denied",
        _ => "unavailable",
    };
}
