using System.Globalization;
using Providers.Testing.Faults;

namespace Providers.Testing;

/// <summary>One thing that goes wrong with one request. Immutable; the same fault works over a socket and in process.</summary>
public sealed record Fault
{
    private Fault(FaultKind kind) => Kind = kind;

    /// <summary>Gets the absence of a fault.</summary>
    public static Fault None { get; } = new(FaultKind.None);

    /// <summary>Gets the connection being reset before a byte is answered.</summary>
    public static Fault Reset { get; } = new(FaultKind.Reset);

    /// <summary>Gets the connection being closed in order, without a byte.</summary>
    public static Fault Drop { get; } = new(FaultKind.Drop);

    /// <summary>Gets an answer that never begins: the connection stays open and silent.</summary>
    public static Fault Hang { get; } = new(FaultKind.DelayHeaders) { Delay = Timeout.InfiniteTimeSpan };

    /// <summary>Gets a complete answer after which the terminal mark never comes and the connection stays open.</summary>
    public static Fault OpenAfterFinish { get; } = new(FaultKind.OpenAfterFinish);

    /// <summary>Gets a 200 with an HTML page.</summary>
    public static Fault Html { get; } = new(FaultKind.Html);

    /// <summary>Gets a 200 with an empty body.</summary>
    public static Fault Empty { get; } = new(FaultKind.Empty);

    /// <summary>Gets a 200 with JSON of another shape.</summary>
    public static Fault WrongJson { get; } = new(FaultKind.WrongJson);

    /// <summary>Gets a line that never ends.</summary>
    public static Fault EndlessLine { get; } = new(FaultKind.EndlessLine);

    /// <summary>Gets bytes that are no UTF-8 in the middle of the answer.</summary>
    public static Fault BrokenUtf8 { get; } = new(FaultKind.BrokenUtf8);

    /// <summary>Gets usage in a last chunk that has choices.</summary>
    public static Fault UsageWithChoices { get; } = new(FaultKind.UsageWithChoices);

    /// <summary>Gets a tool call that is cut in the middle of its arguments, by a clean end of the body.</summary>
    public static Fault CutToolCall { get; } = new(FaultKind.CutToolCall);

    /// <summary>Gets one embedding less than asked for.</summary>
    public static Fault WrongCount { get; } = new(FaultKind.WrongCount);

    /// <summary>Gets embeddings one number shorter than the model's.</summary>
    public static Fault WrongDimensions { get; } = new(FaultKind.WrongDimensions);

    /// <summary>Gets embeddings with a number that is not finite.</summary>
    public static Fault NotFinite { get; } = new(FaultKind.NotFinite);

    /// <summary>Gets embeddings of zeros only.</summary>
    public static Fault Zero { get; } = new(FaultKind.Zero);

    internal FaultKind Kind { get; private init; }

    internal TimeSpan Delay { get; private init; }

    internal int Count { get; private init; }

    internal int Code { get; private init; }

    internal string? Retry { get; private init; }

    internal string? Reason { get; private init; }

    internal string? Text { get; private init; }

    internal string? Path { get; private init; }

    /// <summary>Refuses connections for a while; the request that meets the fault is reset.</summary>
    /// <param name="duration">How long; infinite until the server is started again.</param>
    public static Fault Refuse(TimeSpan duration) => new(FaultKind.Refuse) { Delay = duration };

    /// <summary>Answers with a status in the server's own form.</summary>
    /// <param name="code">The HTTP status, 400 to 599.</param>
    /// <param name="retryAfter">The Retry-After header as it is sent; <see langword="null"/> for none.</param>
    /// <param name="reason">The provider's error code, for example <c>context_length_exceeded</c>.</param>
    /// <param name="message">The error text.</param>
    public static Fault Status(int code, string? retryAfter = null, string? reason = null, string? message = null) =>
        new(FaultKind.Status) { Code = code, Retry = retryAfter, Reason = reason, Text = message };

    /// <summary>Sends nothing, headers included, for a while; then answers.</summary>
    /// <param name="delay">How long.</param>
    public static Fault DelayHeaders(TimeSpan delay) => new(FaultKind.DelayHeaders) { Delay = delay };

    /// <summary>Pauses before the first token; headers are sent at once where the server does so.</summary>
    /// <param name="delay">How long.</param>
    public static Fault DelayFirstToken(TimeSpan delay) => new(FaultKind.DelayFirstToken) { Delay = delay };

    /// <summary>Pauses before every token.</summary>
    /// <param name="interval">How long.</param>
    public static Fault TokenEvery(TimeSpan interval) => new(FaultKind.TokenInterval) { Delay = interval };

    /// <summary>Loads the model first: silent until it is loaded, once for all requests; a caller that leaves alone in the wait starts the load over.</summary>
    /// <param name="duration">How long a load takes.</param>
    public static Fault Load(TimeSpan duration) => new(FaultKind.Load) { Delay = duration };

    /// <summary>Falls silent after some tokens; the connection stays open.</summary>
    /// <param name="tokens">How many tokens come.</param>
    public static Fault StallAfter(int tokens) => new(FaultKind.Stall) { Count = tokens };

    /// <summary>Closes the connection after some tokens, without the end mark of the body.</summary>
    /// <param name="tokens">How many tokens come.</param>
    public static Fault CutAfter(int tokens) => new(FaultKind.Cut) { Count = tokens };

    /// <summary>Closes the connection after some bytes of the answer, headers counted.</summary>
    /// <param name="bytes">How many bytes come.</param>
    public static Fault CutAfterBytes(int bytes) => new(FaultKind.CutBytes) { Count = bytes };

    /// <summary>Ends the body in order after some tokens, without finish reason or terminal mark.</summary>
    /// <param name="tokens">How many tokens come.</param>
    public static Fault EndAfter(int tokens) => new(FaultKind.End) { Count = tokens };

    /// <summary>Sends a chunk that is no JSON after some tokens, then ends.</summary>
    /// <param name="tokens">How many tokens come.</param>
    public static Fault MalformedAfter(int tokens) => new(FaultKind.Malformed) { Count = tokens };

    /// <summary>Sends an error in the stream after some tokens, then ends.</summary>
    /// <param name="tokens">How many tokens come; 0 for an error before any content.</param>
    /// <param name="message">The error text.</param>
    public static Fault ErrorAfter(int tokens, string? message = null) => new(FaultKind.Error) { Count = tokens, Text = message };

    /// <summary>Sends keep-alive comments for ever and no token.</summary>
    /// <param name="interval">The time between two comments.</param>
    public static Fault KeepAlive(TimeSpan interval) => new(FaultKind.KeepAlive) { Delay = interval };

    /// <summary>Sends a body of junk.</summary>
    /// <param name="bytes">Its length; made while it is sent.</param>
    public static Fault HugeBody(int bytes) => new(FaultKind.HugeBody) { Count = bytes };

    /// <summary>Restricts the fault to requests of one path, for example a slow <c>/v1/models</c>.</summary>
    /// <param name="path">The path, exact.</param>
    /// <returns>A fault that other requests pass by.</returns>
    public Fault On(string path) => this with { Path = path };

    /// <inheritdoc/>
    public override string ToString()
    {
        string[] parts =
        [
            Code == 0 ? "" : Code.ToString(CultureInfo.InvariantCulture),
            Kind is FaultKind.Stall or FaultKind.Cut or FaultKind.End or FaultKind.Malformed or FaultKind.Error or FaultKind.CutBytes or FaultKind.HugeBody ? Count.ToString(CultureInfo.InvariantCulture) : "",
            Delay == TimeSpan.Zero ? "" : Delay == Timeout.InfiniteTimeSpan ? "for ever" : $"{Delay.TotalSeconds:0.###} s",
            Reason ?? "",
            Path ?? "",
        ];
        return string.Join(' ', parts.Where(static p => p.Length > 0).Prepend(Kind.ToString()));
    }

    /// <summary>The same fault with its times multiplied, so that real sockets need not wait as long as virtual time.</summary>
    internal Fault Scaled(double factor) => Delay > TimeSpan.Zero ? this with { Delay = Delay * factor } : this;
}
