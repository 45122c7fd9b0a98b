using Microsoft.Extensions.AI;

namespace Providers;

/// <summary>A purpose and the targets that serve it.</summary>
public sealed class RouteOptions
{
    /// <summary>Gets the targets in order of preference.</summary>
    public IList<TargetOptions> Targets { get; } = [];

    /// <summary>Gets the names of routes whose targets follow this route's own.</summary>
    public IList<string> Fallback { get; } = [];

    /// <summary>Gets further names of the route, for example the tasks it is for.</summary>
    public IList<string> Aliases { get; } = [];

    /// <summary>Gets or sets the gate that must be open for the route to be used.</summary>
    /// <value><see langword="null"/> (the default): no gate.</value>
    public string? Gate { get; set; }

    /// <summary>Gets or sets how the next target is chosen.</summary>
    /// <value>Default: <see cref="SelectionPolicy.Priority"/>.</value>
    public SelectionPolicy Policy { get; set; }

    /// <summary>Gets or sets what every target must be able to do.</summary>
    /// <value>Default: none; a request's own needs are found in its options and messages.</value>
    public ModelCapabilities Capabilities { get; set; }

    /// <summary>Gets or sets a value indicating whether the route never leaves local providers, whatever fails.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool LocalOnly { get; set; }

    /// <summary>Gets or sets how long a request may wait for the first target when none takes traffic.</summary>
    /// <value>0 to 00:10:00. Default: 0, it fails at once and says when to come back.</value>
    public TimeSpan WaitForFirst { get; set; }

    /// <summary>Gets or sets the route's own deadlines.</summary>
    /// <value><see langword="null"/> (the default): the composite's.</value>
    public TimeoutOptions? Timeouts { get; set; }

    /// <summary>Gets or sets hedging.</summary>
    /// <value><see langword="null"/> (the default): no hedging.</value>
    public HedgingOptions? Hedging { get; set; }

    /// <summary>Gets or sets what happens when a committed stream fails.</summary>
    /// <value><see langword="null"/> (the default): what <see cref="StreamOptions.Recovery"/> says.</value>
    public StreamRecovery? Recovery { get; set; }

    /// <summary>Gets or sets a judge of finished, non-streamed answers: a refused one counts as <see cref="FailureKind.InvalidResponse"/>.</summary>
    /// <value><see langword="null"/> (the default): every answer is good. Set in code only.</value>
    public Func<ChatResponse, CancellationToken, ValueTask<bool>>? Accept { get; set; }
}
