namespace Providers.FaultWall.Tests.Shapes;

/// <summary>How the request is made.</summary>
[Flags]
internal enum Ways
{
    Whole = 1,
    Streamed = 2,
    Both = Whole | Streamed,
    Embedded = 4,
}

/// <summary>What the composite does with it.</summary>
internal enum Then
{
    /// <summary>The second target serves; the caller sees nothing of it.</summary>
    FailsOver,

    /// <summary>The caller sees the failure; the second target is not asked.</summary>
    Surfaces,

    /// <summary>The caller has part of the answer and sees the failure, marked as committed.</summary>
    Breaks,

    /// <summary>It is no failure: the first target serves.</summary>
    Serves,
}

/// <summary>One way a real server fails, as it is on the wire, and what comes of it.</summary>
/// <param name="Row">Its number, with what tells it from others of that number.</param>
/// <param name="Wire">The adapter it meets.</param>
/// <param name="Ways">The calls it is met with.</param>
/// <param name="Response">The answer, in the words of a wire fixture.</param>
/// <param name="Kind">What it is classified as; <see langword="null"/> when it is no failure.</param>
/// <param name="Then">What the composite does.</param>
/// <param name="Trips">Whether it counts against the target's circuit.</param>
internal sealed record Shape(string Row, FaultWallWire Wire, Ways Ways, string Response, FailureKind? Kind, Then Then, bool Trips)
{
    /// <summary>Gets the text that reached the caller before the break.</summary>
    public string Text { get; init; } = "";

    public static string Answer(int status, string body, string type = "application/json", string headers = "") =>
        $"{status} X\nContent-Type: {type}\n{headers}@framing content-length\n\n@chunk\n{body}\n@end ok\n";

    /// <summary>An answer in pieces: server-sent events of OpenAI and MLX.</summary>
    public static string Events(string end, params string[] pieces) => Pieces("200 OK", "text/event-stream", "chunked", end, [.. pieces.Select(static p => p + "\n\n")]);

    /// <summary>An answer in pieces: lines of Ollama.</summary>
    public static string Lines(string end, params string[] pieces) => Pieces("200 OK", "application/x-ndjson", "chunked", end, [.. pieces.Select(static p => p + "\n")]);

    public static string Pieces(string status, string type, string framing, string end, params string[] pieces) =>
        $"{status}\nContent-Type: {type}\n@framing {framing}\n\n{string.Concat(pieces.Select(static p => $"@chunk\n{p}\n"))}@end {end}\n";

    public override string ToString() => $"{Row} ({Wire}, {Ways})";
}
