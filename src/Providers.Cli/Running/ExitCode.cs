namespace Providers.Cli;

/// <summary>What the tool ends with.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Something nobody foresaw.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the input is wrong, or names a file that is not there; nothing was changed beyond what was reported.</summary>
    public const int Wrong = 2;

    /// <summary>The memory cannot be opened, or its server is away.</summary>
    public const int Unavailable = 3;

    /// <summary>Something in the memory is not as it should be: it was looked through, or could not be read for that.</summary>
    public const int Damaged = 4;

    /// <summary>Ended from the keyboard.</summary>
    public const int Cancelled = 130;
}
