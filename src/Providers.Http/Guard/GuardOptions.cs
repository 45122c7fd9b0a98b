namespace Providers.Http;

/// <summary>How the guard treats one server: its timers, its limits, its connections. Read once, when the guard is made.</summary>
public sealed class GuardOptions
{
    /// <summary>Gets or sets how long a connection may take to be made, name resolution included.</summary>
    /// <value>More than zero; <see cref="Timeout.InfiniteTimeSpan"/> switches it off. Default: 5 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long the server may take from the request to the first byte of its answer's body; a model that is loaded on demand is loaded within it.</summary>
    /// <value>More than zero; <see cref="Timeout.InfiniteTimeSpan"/> switches it off. Default: 60 seconds.</value>
    public TimeSpan FirstByteTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how long the server may stay silent between two bytes of its answer.</summary>
    /// <value>More than zero; <see cref="Timeout.InfiniteTimeSpan"/> switches it off. Default: 60 seconds.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how long a stream is read on after its finish reason, for usage and <c>[DONE]</c>.</summary>
    /// <value>Zero or more. Default: 1 second.</value>
    public TimeSpan TrailerGrace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how much of an error's body is read.</summary>
    /// <value>Bytes, at least 1,024. Default: 65,536.</value>
    public int MaxErrorBody { get; set; } = 64 * 1024;

    /// <summary>Gets or sets how long a whole (not streamed) answer may be.</summary>
    /// <value>Bytes, at least 1,024. Default: 134,217,728 (128 MiB: 2,048 vectors of 3,072 numbers as text are 75 MB).</value>
    public int MaxBody { get; set; } = 128 * 1024 * 1024;

    /// <summary>Gets or sets how long one line of a stream, or one server-sent event, may be.</summary>
    /// <value>Bytes, at least 1,024. Default: 8,388,608 (8 MiB).</value>
    public int MaxLine { get; set; } = 8 * 1024 * 1024;

    /// <summary>Gets or sets how long a connection is kept in use, so that a change of address is noticed.</summary>
    /// <value>2 to 15 minutes. Default: 5 minutes.</value>
    public TimeSpan PooledConnectionLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how long an unused connection is kept.</summary>
    /// <value>More than zero. Default: 4 seconds, because llama.cpp's servers close after 5 and some hold a worker for each until then.</value>
    public TimeSpan PooledConnectionIdleTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Gets or sets how many connections to the server may be open.</summary>
    /// <value>At least 1. Default: unlimited.</value>
    public int MaxConnections { get; set; } = int.MaxValue;

    /// <summary>Gets or sets a value indicating whether only loopback, link-local and private addresses are connected to, whatever a name resolves to, and none through a proxy.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool PrivateNetworkOnly { get; set; }

    /// <summary>Gets or sets what an error of this server means; asked first.</summary>
    /// <value><see langword="null"/> (the default), or a result of <see langword="null"/>: the common table of HTTP statuses decides.</value>
    public Func<WireError, ProviderFailure?>? Classify { get; set; }

    /// <summary>Gets or sets the keys to send.</summary>
    /// <value><see langword="null"/> (the default): requests go out as they are.</value>
    public ApiKeyPool? Keys { get; set; }

    /// <summary>Gets or sets the provider's name, for exceptions and logs.</summary>
    /// <value><see langword="null"/> (the default): exceptions name none.</value>
    public string? Provider { get; set; }

    internal GuardOptions Validated()
    {
        Positive(ConnectTimeout, nameof(ConnectTimeout));
        Positive(FirstByteTimeout, nameof(FirstByteTimeout));
        Positive(IdleTimeout, nameof(IdleTimeout));
        Positive(PooledConnectionIdleTimeout, nameof(PooledConnectionIdleTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(TrailerGrace, TimeSpan.Zero, nameof(TrailerGrace));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxErrorBody, 1_024, nameof(MaxErrorBody));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBody, 1_024, nameof(MaxBody));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLine, 1_024, nameof(MaxLine));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1, nameof(MaxConnections));
        ArgumentOutOfRangeException.ThrowIfLessThan(PooledConnectionLifetime, TimeSpan.FromMinutes(2), nameof(PooledConnectionLifetime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PooledConnectionLifetime, TimeSpan.FromMinutes(15), nameof(PooledConnectionLifetime));
        return (GuardOptions)MemberwiseClone();
    }

    private static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be more than zero, or Timeout.InfiniteTimeSpan for none.");
        }
    }
}
