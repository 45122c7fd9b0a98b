using System.Net.Http.Headers;
using Microsoft.Extensions.AI;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Carries what only the HTTP layer sees, past the SDK, to the call it belongs to.</summary>
internal sealed class AnswerNotes
{
    private const string RequestIdKey = "request_id";

    private static readonly AsyncLocal<AnswerNotes?> s_current = new();
    private volatile string? _requestId;

    public static AnswerNotes? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>Gets or sets a value indicating whether the call reads a stream's events itself.</summary>
    public bool ReadsEvents { get; set; }

    /// <summary>Gets or sets the stream that the call is to read; the SDK was given an empty one in its place.</summary>
    public EventReader? Events { get; set; }

    public string? RequestId
    {
        get => _requestId;
        set => _requestId = value;
    }

    /// <summary>Finds the server's id of a request among the headers of its answer.</summary>
    public static string? RequestIdOf(HttpResponseMessage response) => First(response, "x-request-id") ?? First(response, "apim-request-id");

    /// <summary>Writes the server's id of a request into its answer.</summary>
    public static void Note(ChatResponse response, string? requestId)
    {
        if (requestId is not null)
        {
            (response.AdditionalProperties ??= [])[RequestIdKey] = requestId;
        }
    }

    /// <inheritdoc cref="Note(ChatResponse, string?)"/>
    public static void Note(ChatResponseUpdate update, string? requestId)
    {
        if (requestId is not null)
        {
            (update.AdditionalProperties ??= [])[RequestIdKey] = requestId;
        }
    }

    private static string? First(HttpResponseMessage response, string name)
    {
        if (response.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values))
        {
            foreach (string value in values)
            {
                return value;
            }
        }

        return null;
    }
}
