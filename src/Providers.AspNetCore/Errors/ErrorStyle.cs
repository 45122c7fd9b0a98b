namespace Providers.AspNetCore.Errors;

/// <summary>How an endpoint spells its errors.</summary>
internal enum ErrorStyle
{
    /// <summary>RFC 9457, <c>application/problem+json</c>.</summary>
    Problem = 0,

    /// <summary><c>{"error":{"message","type","param","code"}}</c>, as OpenAI's clients read it.</summary>
    OpenAI,
}
