// One chat client over MLX, Ollama and OpenAI, a memory in one SQLite file, and two doors to both: REST and MCP. Every knob is in appsettings.json.
//   dotnet run --project samples/Host
//   open http://localhost:5080/status, or try the lines of samples/Host/README.md
// In production: set Gateway:Authentication:KeyFile and issue a key; the door is closed to everybody else. Both may happen while the host runs.
//   dotnet run --project samples/Host -- keys issue acme chat embeddings memory:read memory:write
using Microsoft.Extensions.Options;
using Providers.AspNetCore;
using Providers.Samples.Host;
using Scalar.AspNetCore;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.AddCompositeProvider();
builder.Services.AddHybridCache(); // keeps embeddings; with an IDistributedCache beside it, for all hosts together
builder.Services.AddHealthChecks().AddProviders();
builder.Services.AddMemory(builder.Configuration.GetSection("Memory"));
builder.Services.AddSqliteMemory(builder.Configuration["Memory:Path"] ?? "memories.db");
builder.Services.AddProvidersGateway(builder.Configuration.GetSection("Gateway"));
builder.Services.AddMcpServer().WithMemoryTools().WithProviderTools().WithDoorOptions(static o => o.CallsPerMinute = 6_000).WithGuardedHttpTransport();

if (args is ["keys", ..])
{
    return await Keys.RunAsync(args[1..], builder.Configuration["Gateway:Authentication:KeyFile"]);
}

WebApplication app = builder.Build();
app.MapProviders();
app.MapMemory();
if (app.Environment.IsDevelopment())
{
    app.MapGuardedMcp("/mcp"); // whoever reaches it comes in: elsewhere, add WithBearerTokens first (docs/guides/mcp.md)
}

if (app.Environment.IsDevelopment() && app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.OpenApi)
{
    app.MapScalarApiReference(static scalar => scalar.WithOpenApiRoutePattern("/openapi/v1.json"));
}

app.Run();
return 0;
