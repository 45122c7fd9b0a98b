namespace Providers.Memory;

/// <summary>The input is wrong; nothing was changed. The message lists every error.</summary>
public sealed class MemoryValidationException : ArgumentException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="errors">Each begins with the field, says what was given and what is allowed.</param>
    public MemoryValidationException(IReadOnlyList<string> errors)
        : base(string.Join(" ", errors))
    {
        Errors = errors;
    }

    /// <summary>Gets every error.</summary>
    public IReadOnlyList<string> Errors { get; }
}

/// <summary>The store cannot do its work at present: its file, disk or server fails. What the operator can mend is in the inner exception.</summary>
public sealed class MemoryUnavailableException : InvalidOperationException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="message">What failed and what to do; no text of a memory.</param>
    /// <param name="inner">The cause.</param>
    /// <param name="outcomeUnknown">See <see cref="OutcomeUnknown"/>.</param>
    public MemoryUnavailableException(string message, Exception? inner = null, bool outcomeUnknown = false)
        : base(message, inner) => OutcomeUnknown = outcomeUnknown;

    /// <summary>Gets whether the change may have happened all the same.</summary>
    /// <value><see langword="false"/>: nothing was changed. <see langword="true"/>: repeat it with the same idempotency key.</value>
    public bool OutcomeUnknown { get; }
}

/// <summary>A source has written as much as it may for now; nothing was changed.</summary>
public sealed class MemoryQuotaException : InvalidOperationException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="source">The source, as the provenance names it.</param>
    /// <param name="limit">How many memories it may write within the window.</param>
    /// <param name="window">The window.</param>
    /// <param name="retryAfter">When it may write again.</param>
    public MemoryQuotaException(string source, int limit, TimeSpan window, TimeSpan retryAfter)
        : base($"Source '{source}' may write {limit} memories in {window}; try again in {Math.Ceiling(retryAfter.TotalSeconds)} s.")
    {
        WrittenBy = source;
        Limit = limit;
        RetryAfter = retryAfter;
    }

    /// <summary>Gets the source.</summary>
    public string WrittenBy { get; }

    /// <summary>Gets how many memories it may write within the window.</summary>
    public int Limit { get; }

    /// <summary>Gets in how long it may write again.</summary>
    public TimeSpan RetryAfter { get; }
}

/// <summary>A memory is not at the version that was expected; nothing was changed.</summary>
public sealed class MemoryConflictException : InvalidOperationException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="index">The operation's place in its transaction, from 0.</param>
    /// <param name="id">The memory's id.</param>
    /// <param name="expected">The version expected; <see langword="null"/>: any.</param>
    /// <param name="current">The version there is; <see langword="null"/>: the memory is not there.</param>
    public MemoryConflictException(int index, string id, long? expected, long? current)
        : base(current is null ? $"Operation {index}: memory '{id}' does not exist{(expected > 0 ? $"; version {expected} was expected" : "")}."
            : expected == 0 ? $"Operation {index}: memory '{id}' exists already, at version {current}."
            : $"Operation {index}: memory '{id}' is at version {current}; version {expected} was expected. Read it again and repeat the change.")
    {
        Index = index;
        Id = id;
        Expected = expected;
        Current = current;
    }

    /// <summary>Gets the operation's place in its transaction, from 0.</summary>
    public int Index { get; }

    /// <summary>Gets the memory's id.</summary>
    public string Id { get; }

    /// <summary>Gets the version expected; <see langword="null"/>: any.</summary>
    public long? Expected { get; }

    /// <summary>Gets the version there is; <see langword="null"/>: the memory is not there.</summary>
    public long? Current { get; }
}
