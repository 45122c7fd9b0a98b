namespace Providers.Memory;

/// <summary>Where a SQLite memory lies, and how it writes.</summary>
public sealed class SqliteMemoryOptions
{
    /// <summary>Gets or sets the database file; made with mode 0600 where it is missing. Vectors lie beside it, in a folder of the same name with <c>.vectors</c> after it.</summary>
    /// <value>A path; default: <c>memory.db</c> in the current directory.</value>
    public string Path { get; set; } = "memory.db";

    /// <summary>Gets or sets how many transactions may share one commit.</summary>
    /// <value>1, each commits alone, to 10,000. Default: 256.</value>
    public int MaxGroup { get; set; } = 256;

    /// <summary>Gets or sets after how many changes the vectors are written to their files, so that opening has less to replay.</summary>
    /// <value>100 to 10,000,000. Default: 20,000.</value>
    public int CheckpointEvery { get; set; } = 20_000;
}
