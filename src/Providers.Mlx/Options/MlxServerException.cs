namespace Providers.Mlx;

/// <summary>A launched MLX server did not start, or ended.</summary>
public sealed class MlxServerException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="kind">What it means for a request.</param>
    /// <param name="exitCode">The process's exit code; <see langword="null"/> when it never ran or still runs.</param>
    /// <param name="output">The last lines of its output; <see langword="null"/> for none.</param>
    /// <param name="innerException">The cause; may be <see langword="null"/>.</param>
    public MlxServerException(
        string message, FailureKind kind, int? exitCode = null, IReadOnlyList<string>? output = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Kind = kind;
        ExitCode = exitCode;
        Output = output ?? [];
    }

    /// <summary>Gets what it means for a request.</summary>
    public FailureKind Kind { get; }

    /// <summary>Gets the process's exit code.</summary>
    /// <value>70: the generation thread died. 71: the server failed to run. 75: the host went away. <see langword="null"/>: it never ran or still runs.</value>
    public int? ExitCode { get; }

    /// <summary>Gets the last lines the process wrote, at most 200, with secrets masked.</summary>
    public IReadOnlyList<string> Output { get; }
}
