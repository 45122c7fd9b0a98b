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
}
