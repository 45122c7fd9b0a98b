namespace Providers.AspNetCore.Errors;

/// <summary>One sort of error as the catalogue publishes it.</summary>
/// <param name="Code">Its code, the last segment of its type.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What it is, the same for every occurrence.</param>
/// <param name="Retryable">Whether the same request may succeed later.</param>
/// <param name="OpenAIType">How the OpenAI-compatible endpoints spell its type.</param>
/// <param name="Advice">What a client does about it.</param>
internal sealed record ErrorType(string Code, int Status, string Title, bool Retryable, string OpenAIType, string Advice);
