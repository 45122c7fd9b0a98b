namespace Providers.Memory;

/// <summary>What an export writes.</summary>
public sealed record MemoryExportOptions
{
    /// <summary>Gets which memories; <see langword="null"/> (the default): all, archived ones too.</summary>
    public MemoryFilter? Filter { get; init; }

    /// <summary>Gets the last whole line of an export that was cut off; this one goes on after it.</summary>
    /// <value><see langword="null"/> (the default): from the beginning.</value>
    public string? After { get; init; }

    /// <summary>Gets whether vectors are written; without them an import embeds the texts.</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool Vectors { get; init; } = true;
}

/// <summary>How an import reads.</summary>
public sealed record MemoryImportOptions
{
    /// <summary>Gets the line to begin at, from 1; those before were imported. Give the same source from its beginning.</summary>
    /// <value>At least 1. Default: 1.</value>
    public long FromLine { get; init; } = 1;

    /// <summary>Gets how many wrong lines are left out before the import stops.</summary>
    /// <value>At least 0. Default: 0, the first stops it.</value>
    public int MaxErrors { get; init; }

    /// <summary>Gets who is told, after each batch, how many lines were done; <see langword="null"/> (the default): nobody is.</summary>
    public IProgress<long>? Progress { get; init; }
}

/// <summary>What an import did.</summary>
/// <param name="Stored">How many memories were stored.</param>
/// <param name="Links">How many links were made.</param>
/// <param name="NextLine">The line to go on at, from 1; after the last one when all was read.</param>
/// <param name="Errors">The wrong lines, in order.</param>
public sealed record MemoryImportResult(long Stored, long Links, long NextLine, IReadOnlyList<MemoryImportError> Errors)
{
    /// <summary>Gets whether everything was read.</summary>
    public bool Completed { get; init; }
}

/// <summary>A line that was not imported.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record MemoryImportError(long Line, string Message);
