using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Mcp;
using Providers.Mcp.Calls;
using Providers.Mcp.Options;
using Providers.Mcp.Registration;
using Providers.Mcp.Resources;
using Providers.Mcp.Stdio;
using Providers.Tools;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Brings the suite's toolsets to an MCP server.</summary>
public static class McpServerBuilderToolsetExtensions
{
    /// <summary>Offers the memory: its tools, memories and namespaces as resources, the prompts <c>recall</c> and <c>reflect</c>, completions. The host has it by <c>AddMemory()</c>.</summary>
    /// <param name="builder">The server's builder.</param>
    /// <returns>The builder.</returns>
    public static IMcpServerBuilder WithMemoryTools(this IMcpServerBuilder builder) => builder.With(new WantedToolset("memory", "AddMemory() or AddSqliteMemory()"));

    /// <summary>Offers the providers: <c>chat</c>, <c>embed</c>, the catalogue, and their status as a resource. The host has them by <c>AddCompositeProvider()</c>.</summary>
    /// <param name="builder">The server's builder.</param>
    /// <returns>The builder.</returns>
    public static IMcpServerBuilder WithProviderTools(this IMcpServerBuilder builder) => builder.With(new WantedToolset("providers", "AddCompositeProvider()"));

    /// <summary>Offers the plans and tasks of the toolset <c>orchestration</c>. The host has it by <c>AddOrchestration()</c>.</summary>
    /// <param name="builder">The server's builder.</param>
    /// <returns>The builder.</returns>
    public static IMcpServerBuilder WithOrchestrationTools(this IMcpServerBuilder builder) => builder.With(new WantedToolset("orchestration", "AddOrchestration()"));

    /// <summary>Offers a toolset of the host's own, with the same checks, limits and audit.</summary>
    /// <param name="builder">The server's builder.</param>
    /// <param name="name">The name of an <see cref="IToolset"/> among the host's services.</param>
    /// <returns>The builder.</returns>
    public static IMcpServerBuilder WithToolset(this IMcpServerBuilder builder, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return builder.With(new WantedToolset(name, $"services.AddSingleton<IToolset>(...) for '{name}'"));
    }

    /// <summary>Sets who comes through the door without credentials, and how much a session may do.</summary>
    /// <param name="builder">The server's builder.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The builder.</returns>
    public static IMcpServerBuilder WithDoorOptions(this IMcpServerBuilder builder, Action<McpDoorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        Install(builder.Services);
        builder.Services.Configure(configure);
        return builder;
    }

    /// <summary>
    /// Serves one session over stdin and stdout. Lines that are too long or no JSON are answered with an error and passed over, and whatever else
    /// writes to the console goes to stderr; log there, too.
    /// </summary>
    /// <param name="builder">The server's builder.</param>
    /// <returns>The builder.</returns>
    public static IMcpServerBuilder WithGuardedStdioTransport(this IMcpServerBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Install(builder.Services);
        builder.Services.TryAddSingleton(static s => StdioStreams.OfProcess(s.GetRequiredService<IOptions<McpDoorOptions>>().Value.MaxLineBytes));
        builder.WithStreamServerTransport(Stream.Null, Stream.Null); // what serves a single session; its streams are ours
        builder.Services.RemoveAll<ITransport>();
        builder.Services.AddSingleton<ITransport>(static s => new StreamServerTransport(
            s.GetRequiredService<StdioStreams>().Input, s.GetRequiredService<StdioStreams>().Output, "stdio", s.GetService<ILoggerFactory>()));
        return builder;
    }

    private static IMcpServerBuilder With(this IMcpServerBuilder builder, WantedToolset toolset)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Install(builder.Services);
        builder.Services.AddSingleton(toolset);
        return builder;
    }

    private static void Install(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<McpDoorOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<McpDoorOptions>, McpDoorOptionsCheck>());
        services.TryAddSingleton<CallerReader>();
        services.TryAddSingleton<SessionGates>();
        services.TryAddSingleton<ResourceWatch>();
        services.TryAddSingleton(static s => new CallAudit(s.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance, s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<CallPipeline>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<McpServerOptions>, McpDoor>());
    }
}
