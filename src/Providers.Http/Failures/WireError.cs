namespace Providers.Http;

/// <summary>An error as a server put it on the wire: with its status, or inside an answer that began well. Immutable.</summary>
/// <param name="Status">The HTTP status; for an error inside a good answer the one that its body names, else 200.</param>
/// <param name="Body">The error's body as text, bounded by <see cref="GuardOptions.MaxErrorBody"/>; may be empty.</param>
public sealed record WireError(int Status, string Body)
{
    /// <summary>Gets the server's message, shortened and without keys.</summary>
    /// <value><see langword="null"/>: the body holds none, or is a page.</value>
    public string? Message { get; init; }

    /// <summary>Gets the error's code as the server spells it.</summary>
    /// <value><see langword="null"/>: it has none, or one that is only a number.</value>
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

    /// <summary>Gets how many tokens the refused prompt has, where the error says so in a field.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>Gets how many tokens the model holds, where the error says so in a field.</summary>
    public int? ContextWindow { get; init; }

    /// <summary>Reads an error's body in whichever of the known shapes it is: OpenAI's, Ollama's, FastAPI's, a text, a page.</summary>
    /// <param name="status">The HTTP status; 200 for an error inside a good answer.</param>
    /// <param name="body">The body; may be empty.</param>
    /// <returns>The error; its message is one line of at most 500 UTF-16 characters and "...", with <c>[key]</c> for whatever looks like a key.</returns>
    public static WireError Read(int status, string body)
    {
        ArgumentNullException.ThrowIfNull(body);
        WireError error = ErrorText.Read(status, body);
        return error with { RetryAfter = RetryHints.FromText(error.Message) };
    }
}
