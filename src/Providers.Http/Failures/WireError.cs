namespace Providers.Http;

/// <summary>An error as a server put it on the wire: with its status, or inside an answer that began well. Immutable.</summary>
/// <param name="Status">The HTTP status; 200 for an error inside a good answer.</param>
/// <param name="Body">The error's body as text, bounded by <see cref="GuardOptions.MaxErrorBody"/>; may be empty.</param>
public sealed record WireError(int Status, string Body)
{
    /// <summary>Gets the server's message, shortened and without keys.</summary>
    /// <value><see langword="null"/>: the body holds none, or is a page.</value>
    public string? Message { get; init; }

    /// <summary>Gets the error's code as the server spells it.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the error's type as the server spells it.</summary>
    public string? Type { get; init; }

    /// <summary>Gets a value indicating whether the error came inside a stream.</summary>
    public bool InStream { get; init; }

    /// <summary>Gets a value indicating whether the body is a web page, as proxies answer.</summary>
    public bool IsPage { get; init; }

    /// <summary>Gets the path that was asked, without query.</summary>
    public string? Path { get; init; }

    /// <summary>Gets how long the server asks to be left alone, by its headers or its text.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets the server's id of the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>Makes a server's text fit for exceptions and logs.</summary>
    /// <param name="text">The text.</param>
    /// <returns>One line of at most 500 UTF-16 characters and "...", with <c>[key]</c> for whatever looks like a key: some servers repeat the one they refuse.</returns>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ErrorText.Shorten(text);
    }

    /// <summary>Finds how long a server's message asks to be left alone, as in "Please try again in 6m0s".</summary>
    /// <param name="message">The message; <see langword="null"/> asks for nothing.</param>
    /// <returns>The time, up to 30 days; <see langword="null"/> when the message names none.</returns>
    public static TimeSpan? FindRetryAfter(string? message) => RetryHints.FromText(message);
}
