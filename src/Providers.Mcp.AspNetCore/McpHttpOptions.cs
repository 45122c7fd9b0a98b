namespace Providers.Mcp;

/// <summary>What the HTTP door lets in.</summary>
public sealed class McpHttpOptions
{
    /// <summary>Gets the host names a request may be addressed to, without port; any other is refused with 403, so that no page can reach the server by rebinding its own name.</summary>
    /// <value>Default: <c>localhost</c>, <c>127.0.0.1</c>, <c>[::1]</c>. Add the server's public name; a single <c>*</c> allows every one.</value>
    public IList<string> AllowedHosts { get; } = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Gets the origins browsers may call from, as in <c>https://app.example.com</c>. Requests without an origin are not a browser's and pass.</summary>
    /// <value>Default: empty; then origins on this machine's loopback are allowed.</value>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Gets or sets how large a request's body may be, in bytes.</summary>
    /// <value>1,024 to 67,108,864. Default: 8,388,608.</value>
    public long MaxBodyBytes { get; set; } = 8_388_608;
}
