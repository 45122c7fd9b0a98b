namespace Providers.Mcp;

/// <summary>Who comes through the door when nobody says, and how much a session may do.</summary>
public sealed class McpDoorOptions
{
    /// <summary>Gets or sets the tenant of callers that bring no credentials: over stdio, and over HTTP where the host asks for none.</summary>
    /// <value>1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>. Default: <c>local</c>.</value>
    public string Tenant { get; set; } = "local";

    /// <summary>Gets or sets the claim that names the tenant of a caller with credentials; one without it is refused.</summary>
    /// <value>Default: <c>tenant</c>.</value>
    public string TenantClaim { get; set; } = "tenant";

    /// <summary>Gets or sets the claim that lists the scopes of a caller with credentials, separated by spaces.</summary>
    /// <value>Default: <c>scope</c>.</value>
    public string ScopeClaim { get; set; } = "scope";

    /// <summary>Gets or sets how large the arguments of a call may be, in bytes of JSON.</summary>
    /// <value>1,024 to 67,108,864. Default: 4,194,304.</value>
    public int MaxArgumentBytes { get; set; } = 4_194_304;

    /// <summary>Gets or sets how deep the arguments of a call may be nested.</summary>
    /// <value>4 to 64. Default: 16.</value>
    public int MaxArgumentDepth { get; set; } = 16;

    /// <summary>Gets or sets how many calls a session may make a minute.</summary>
    /// <value>1 to 10,000,000. Default: 1,200.</value>
    public int CallsPerMinute { get; set; } = 1_200;

    /// <summary>Gets or sets how many calls a session may make at once before it waits for its minute.</summary>
    /// <value>1 to 10,000,000. Default: 200.</value>
    public int Burst { get; set; } = 200;

    /// <summary>Gets or sets how many calls of a session may be under way at the same time.</summary>
    /// <value>1 to 100,000. Default: 32.</value>
    public int MaxConcurrentCalls { get; set; } = 32;

    /// <summary>Gets or sets the longest line that is read from stdin, in bytes.</summary>
    /// <value>1,024 to 67,108,864. Default: 8,388,608.</value>
    public int MaxLineBytes { get; set; } = 8_388_608;
}
