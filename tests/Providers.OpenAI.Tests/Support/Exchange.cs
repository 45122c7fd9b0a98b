using System.Text;

namespace Providers.OpenAI.Tests.Support;

/// <summary>What a client sent.</summary>
public sealed record Received(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>What a server sends back: raw bytes in pieces, and how it ends.</summary>
public sealed record Reply
{
    public string Status { get; init; } = "HTTP/1.1 200 OK";

    public string ContentType { get; init; } = "application/json";

    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>content-length, chunked, close, or none.</summary>
    public string Framing { get; init; } = "content-length";

    public IReadOnlyList<byte[]> Pieces { get; init; } = [];

    /// <summary>ok, cut (close without the end mark), hang (send nothing more), silent (not even headers), drop (close without an answer).</summary>
    public string End { get; init; } = "ok";

    public static Reply Json(string body, int status = 200, params string[] headers) =>
        new() { Status = $"HTTP/1.1 {status} X", Pieces = [Encoding.UTF8.GetBytes(body)], Headers = headers };

    public static Reply Sse(params string[] events) =>
        new() { ContentType = "text/event-stream", Framing = "chunked", Pieces = [.. events.Select(static e => Encoding.UTF8.GetBytes(e + "\n\n"))] };

    public static Reply Drop { get; } = new() { End = "drop" };

    public static Reply Silent { get; } = new() { End = "silent" };
}
