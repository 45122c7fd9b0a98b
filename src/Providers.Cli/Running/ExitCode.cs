namespace Providers.Cli;

/// <summary>What the tool ends with.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Something nobody foresaw.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the input is wrong; nothing was changed beyond what was reported.</summary>
    public const int Wrong = 2;

    /// <summary>The memory cannot be opened, or its server is away.</summary>
    public const int Unavailable = 3;

    /// <summary>The memory was looked through, and something in it is not as it should be.</summary>
    public const int Damaged = 4;

    /// <summary>Ended from the keyboard.</summary>
    public const int Cancelled = 130;
}
