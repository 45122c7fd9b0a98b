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

    public string? RequestId
    {
        get => _requestId;
        set => _requestId = value;
    }
}
