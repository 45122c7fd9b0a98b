// A memory for any MCP client, in one process, without a model server:
//   dotnet run --project samples/McpServer                         over stdio, memories in ~/.providers/memory.db
//   dotnet run --project samples/McpServer -- --http 8787          over HTTP at http://127.0.0.1:8787/mcp
//   ... --db FILE --tenant NAME                                    where they lie, and whose they are
//   ... --providers                                                also chat, embed and the catalogue, with the model servers this machine has
using System.Globalization;
using System.Net;

string? Value(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

string database = Value("--db") ?? Path.Combine(Directory.CreateDirectory(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".providers")).FullName, "memory.db");
bool withProviders = args.Contains("--providers");

void Serve(IServiceCollection services, Action<IMcpServerBuilder> transport)
{
    services.AddSqliteMemory(database);
    IMcpServerBuilder mcp = services.AddMcpServer(static o => o.ServerInfo = new() { Name = "providers-memory", Version = "0.1.0" })
        .WithMemoryTools()
        .WithDoorOptions(o => o.Tenant = Value("--tenant") ?? "local");
    if (withProviders)
    {
        services.AddCompositeProvider();
        mcp.WithProviderTools();
    }

    transport(mcp);
}

if (Value("--http") is { } port)
{
    WebApplicationBuilder web = WebApplication.CreateSlimBuilder(new WebApplicationOptions());
    web.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)));
    Serve(web.Services, static mcp => mcp.WithGuardedHttpTransport());
    WebApplication app = web.Build();
    app.MapGuardedMcp("/mcp");
    await app.RunAsync();
}
else
{
    HostApplicationBuilder host = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
    host.Logging.AddConsole(static o => o.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
    Serve(host.Services, static mcp => mcp.WithGuardedStdioTransport());
    await host.Build().RunAsync();
}
