namespace Providers.AspNetCore;

/// <summary>How the REST door behaves. Bound from a configuration section; read once, at start.</summary>
public sealed class GatewayOptions
{
    /// <summary>Gets or sets who may come in.</summary>
    public GatewayAuthenticationOptions Authentication { get; set; } = new();

    /// <summary>Gets or sets how much is let in.</summary>
    public GatewayLimitOptions Limits { get; set; } = new();

    /// <summary>Gets or sets after how much silence a stream gets a comment that keeps its connection alive.</summary>
    /// <value>00:00:00.100 to 00:05:00. Default: 15 seconds.</value>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets how long the host goes on taking requests after it was told to stop, so that balancers see that it is not ready.</summary>
    /// <value>00:00:00 to 00:05:00. Default: 5 seconds.</value>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long requests under way may go on after <see cref="DrainDelay"/>; streams that are not done then end with an error event.</summary>
    /// <value>00:00:00 to 01:00:00. Default: 20 seconds. The host's <c>ShutdownTimeout</c> is raised to cover both.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets or sets a value indicating whether <c>/status</c> shows a page for people.</summary>
    /// <value>Default: <see langword="true"/>. The page itself holds no data; it asks for a key where one is needed.</value>
    public bool StatusPage { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether <c>/openapi/v1.json</c> describes the API.</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool OpenApi { get; set; } = true;
}
