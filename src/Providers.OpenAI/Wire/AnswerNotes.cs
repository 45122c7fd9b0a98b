namespace Providers.OpenAI;

/// <summary>Carries what only the HTTP layer sees, past the SDK, to the call it belongs to.</summary>
internal sealed class AnswerNotes
{
    /// <summary>The key under which an answer carries the server's id of the request.</summary>
    public const string RequestIdKey = "request_id";

    private static readonly AsyncLocal<AnswerNotes?> s_current = new();
    private volatile string? _requestId;

    public static AnswerNotes? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>Gets or sets a value indicating whether the call reads a stream's events itself.</summary>
    public bool ReadsEvents { get; set; }

    /// <summary>Gets or sets the body that the call is to read; the SDK was given an empty stream in its place.</summary>
    public HttpContent? Events { get; set; }

    public string? RequestId
    {
        get => _requestId;
        set => _requestId = value;
    }
}
