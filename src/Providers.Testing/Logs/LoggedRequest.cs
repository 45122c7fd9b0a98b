namespace Providers.Testing;

/// <summary>One request a double received: over a socket or in process. Its end is filled in when it comes.</summary>
public sealed class LoggedRequest
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal LoggedRequest(int index, DateTimeOffset time, string path, string? model, string body)
    {
        Index = index;
        Time = time;
        Path = path;
        Model = model;
        Body = body;
    }

    /// <summary>Gets the request's place in the log, from 0.</summary>
    public int Index { get; }

    /// <summary>Gets when the request arrived, on the double's clock.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Gets the path without query; in process <c>chat</c>, <c>chat-stream</c> or <c>embed</c>.</summary>
    public string Path { get; }

    /// <summary>Gets the model that was asked for.</summary>
    /// <value><see langword="null"/>: none was named.</value>
    public string? Model { get; }

    /// <summary>Gets the body as text; in process the messages' or inputs' text, one a line.</summary>
    public string Body { get; }

    /// <summary>Gets the request headers, names without case; empty in process.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; internal init; } = new Dictionary<string, string>();

    /// <summary>Gets the fault the request met.</summary>
    public Fault Fault { get; internal set; } = Fault.None;

    /// <summary>Gets the HTTP status that was sent.</summary>
    /// <value><see langword="null"/>: none (yet).</value>
    public int? Status { get; internal set; }

    /// <summary>Gets the number of tokens, or of vectors, that were sent.</summary>
    public int Tokens { get; internal set; }

    /// <summary>Gets a value indicating whether the whole answer was sent.</summary>
    public bool Completed { get; internal set; }

    /// <summary>Gets a value indicating whether the caller left before the end.</summary>
    public bool ClientLeft { get; internal set; }

    /// <summary>Gets a task that ends with the request, however it ends.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Gets when the request ended, on the double's clock.</summary>
    /// <value><see langword="null"/>: it is under way.</value>
    public DateTimeOffset? EndTime { get; private set; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"#{Index} {Time:HH:mm:ss.fff} {Path} model={Model ?? "-"} fault={Fault} status={Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"} tokens={Tokens} "
        + (ClientLeft ? "client left" : Completed ? "completed" : "not completed");

    internal void End(DateTimeOffset time)
    {
        EndTime ??= time;
        _ended.TrySetResult();
    }
}
