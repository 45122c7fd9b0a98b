namespace Providers.Mlx;

/// <summary>What a one-token request found.</summary>
internal enum ProbeOutcome
{
    /// <summary>A token, or the end of an answer, came.</summary>
    Generates,

    /// <summary>Nobody listens.</summary>
    Refused,

    /// <summary>The connection was closed before a token came.</summary>
    Dropped,

    /// <summary>Nothing came within the deadline: loading, deadlocked, or without its generation thread.</summary>
    Silent,

    /// <summary>The server answered with an error.</summary>
    Failed,
}
