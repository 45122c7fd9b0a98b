namespace Providers.AspNetCore.Errors;

/// <summary>One error on its way to a client. Its detail may be shown: no prompt, no key, no address of a server.</summary>
internal sealed record ApiError(string Code, string Detail)
{
    public ErrorType Type => ErrorCatalogue.Get(Code);

    public IReadOnlyList<ApiErrorItem> Errors { get; init; } = [];

    /// <summary>Gets the parameter at fault, as OpenAI's shape wants it.</summary>
    public string? Parameter { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets a value indicating whether the failover was ours already, so that a client's own retries would only multiply it.</summary>
    public bool Exhausted { get; init; }
}

/// <summary>What is wrong in one place.</summary>
/// <param name="Pointer">A JSON Pointer into the body, or the name of a parameter or header.</param>
/// <param name="Detail">What is wrong there.</param>
internal sealed record ApiErrorItem(string Pointer, string Detail);

/// <summary>Ends a request with an error that the client can do something about.</summary>
internal sealed class ApiException(ApiError error, Exception? inner = null) : Exception(error.Detail, inner)
{
    public ApiException(string code, string detail, string? parameter = null)
        : this(new ApiError(code, detail)
        {
            Parameter = parameter,
            Errors = parameter is null ? [] : [new ApiErrorItem(Pointers.Of(parameter), detail)],
        })
    {
    }

    public ApiError Error => error;
}
