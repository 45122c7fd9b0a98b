using Providers;
using Providers.Mcp.Sampling;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes the model of an MCP client one more provider of a composite.</summary>
public static class McpSamplingExtensions
{
    /// <summary>
    /// Adds the model of the MCP client whose call is being carried out (sampling). Where there is no such client, or it offers none, the
    /// provider fails over like one that lacks the model. Only sessions of protocol revisions before 2026-07-28 have it.
    /// </summary>
    /// <param name="builder">The composite's builder.</param>
    /// <param name="name">The provider's name, without <c>/</c>.</param>
    /// <returns>The builder.</returns>
    public static ICompositeProviderBuilder AddMcpSampling(this ICompositeProviderBuilder builder, string name = "mcp-client")
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddProvider(new ProviderRegistration(name, "McpSampling", _ => new SamplingProvider(name)));
    }
}
