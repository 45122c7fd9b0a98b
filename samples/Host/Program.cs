// A web host with one chat client over MLX, Ollama and OpenAI. Everything it does is in appsettings.json, and follows it while it runs.
//   dotnet run --project samples/Host
//   curl localhost:5080/chat/refactoring -d 'Name three rivers in Norway.'
//   curl localhost:5080/providers
using Microsoft.Extensions.AI;
using Providers;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.AddCompositeProvider();
builder.Services.AddHybridCache(); // keeps embeddings; with an IDistributedCache beside it, for all hosts together
builder.Services.AddHealthChecks().AddProviders();

WebApplication app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/providers", (IProviderCatalog catalog) => catalog.GetProviders().Select(static p => new
{
    p.Descriptor.Name,
    p.Descriptor.Kind,
    Health = p.Health.ToString(),
    p.HealthDetail,
    Targets = p.Targets.Select(static t => new { t.Model, Circuit = t.Circuit.ToString(), t.InFlight, t.Successes, t.Failures, LatencyMs = t.Latency?.TotalMilliseconds }),
}));
app.MapPost("/chat/{route?}", async (string? route, HttpRequest request, HttpResponse response, IChatClient chat, CancellationToken aborted) =>
{
    using StreamReader reader = new(request.Body);
    string prompt = await reader.ReadToEndAsync(aborted);
    try
    {
        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(prompt, new ChatOptions { ModelId = route }, aborted))
        {
            if (!response.HasStarted && update.AdditionalProperties?.TryGetValue(ResponseAnnotations.Provider, out string? provider) is true)
            {
                response.Headers["X-Provider"] = provider;
            }

            await response.WriteAsync(update.Text, aborted);
            await response.Body.FlushAsync(aborted);
        }
    }
    catch (Exception e) when (!response.HasStarted && e is NoProvidersAvailableException or ProviderException)
    {
        response.StatusCode = e is NoProvidersAvailableException ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status502BadGateway;
        await response.WriteAsync(e.Message, aborted);
    }
});
app.Run();
