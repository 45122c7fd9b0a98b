using Microsoft.Extensions.AI;

namespace Providers;

/// <summary>One target of a route: a provider and one of its models.</summary>
public sealed class TargetOptions
{
    /// <summary>Gets or sets the provider's name.</summary>
    public string Provider { get; set; } = "";

    /// <summary>Gets or sets the model's id.</summary>
    /// <value><see langword="null"/> (the default): the provider's default model.</value>
    public string? Model { get; set; }

    /// <summary>Gets or sets the share of traffic under <see cref="SelectionPolicy.Weighted"/>.</summary>
    /// <value>0 to 1,000,000; 0 takes traffic only when nobody else can. Default: 1.</value>
    public double Weight { get; set; } = 1;

    /// <summary>Gets or sets the gate that must be open.</summary>
    /// <value><see langword="null"/> (the default): no gate.</value>
    public string? Gate { get; set; }

    /// <summary>Gets or sets a careful beginning: the target takes a small, growing share, and loses it by itself when it is worse than the others.</summary>
    /// <value><see langword="null"/> (the default): the target is a full member of the route at once. At most one target of a route may have it.</value>
    public CanaryOptions? Canary { get; set; }

    /// <summary>Gets or sets a change to the options of requests to this target; it gets a copy.</summary>
    /// <value><see langword="null"/> (the default): none. Set in code only.</value>
    public Action<ChatOptions>? ConfigureOptions { get; set; }
}
