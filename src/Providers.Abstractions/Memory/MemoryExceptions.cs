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
