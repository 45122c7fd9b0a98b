// One chat client over three model servers. The first one is killed in the middle of traffic, and comes back.
// dotnet run --project samples/Quickstart            three simulated servers on loopback: nothing else is needed
// dotnet run --project samples/Quickstart -- --real  whatever runs on this machine: MLX on :8080, Ollama on :11434, OpenAI by OPENAI_API_KEY
using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Providers;
using Providers.Testing;

bool real = args.Contains("--real");
string[] answer = [.. "Oslo is the capital of Norway, and its largest city. ".Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static w => w + " ")];
await using MlxServer? mlx = real ? null : await MlxServer.StartAsync(new ModelServerOptions { Answer = answer });
await using OllamaServer? ollama = real ? null : await OllamaServer.StartAsync(new ModelServerOptions { Answer = answer, Models = ["llama3.2:3b"] });
await using OpenAIServer? openai = real ? null : await OpenAIServer.StartAsync(new ModelServerOptions { Answer = answer });

HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
if (real)
{
    builder.AddCompositeProvider(); // no configuration: looks for what this machine has
}
else
{
    builder.AddCompositeProvider(c => c
        .AddMlx("mlx", o => o.BaseUrl = mlx!.Endpoint)
        .AddOllama("ollama", o => o.Endpoint = ollama!.Endpoint)
        .AddOpenAI("openai", o => (o.Endpoint, o.DefaultModel) = (new Uri(openai!.Endpoint, "v1"), "gpt-4o-mini"))
        .AddRoute("chat", "mlx", "ollama", "openai")
        .Configure(o =>
        {
            o.Circuit.BreakDuration = TimeSpan.FromSeconds(1); // short, so that the recovery fits on a screen
            o.Circuit.SlowStart = TimeSpan.FromSeconds(2);
            o.Health.Interval = TimeSpan.FromSeconds(1);
        }));
}

using IHost host = builder.Build();
await host.StartAsync();
IChatClient chat = host.Services.GetRequiredService<IChatClient>();
IProviderCatalog catalog = host.Services.GetRequiredService<IProviderCatalog>();

Console.WriteLine("1. A streamed answer\n");
try
{
    List<ChatResponseUpdate> updates = [];
    await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync("What is the capital of Norway?"))
    {
        Console.Write(update.Text);
        updates.Add(update);
    }

    Console.WriteLine($"\n   served by {updates.ToChatResponse().GetProvider()}\n");
}
catch (NoProvidersAvailableException e)
{
    Console.WriteLine($"No model server answers:\n{string.Join("\n", e.Targets.Select(static t => "   " + t))}\n\nStart one, or run without --real.");
    return 1;
}

if (real)
{
    ShowProviders(catalog);
    return 0;
}

Console.WriteLine("2. Traffic, while the first server dies and comes back\n");
Console.WriteLine($"   {"second",7}  {"mlx",5} {"ollama",7} {"openai",7} {"failed",7} {"slowest",9}   event");
Stopwatch clock = Stopwatch.StartNew();
TimeSpan? killed = null, moved = null, restarted = null, back = null;
int failed = 0, total = 0;
Dictionary<string, int> served = new(StringComparer.Ordinal);
TimeSpan slowest = TimeSpan.Zero;
string note = "";
for (int half = 1; half <= 16; half++)
{
    TimeSpan end = TimeSpan.FromMilliseconds(500 * half);
    if (half == 4)
    {
        mlx!.Stop();
        (killed, note) = (clock.Elapsed, "mlx is killed");
    }
    else if (half == 9)
    {
        mlx!.Start();
        (restarted, note) = (clock.Elapsed, "mlx is started again");
    }

    while (clock.Elapsed < end)
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AskAsync()));
        await Task.Delay(10);
    }

    Console.WriteLine($"   {clock.Elapsed.TotalSeconds,7:F1}  {Count("mlx"),5} {Count("ollama"),7} {Count("openai"),7} {failed,7} {slowest.TotalMilliseconds,6:F1} ms   {note}");
    (note, slowest) = ("", TimeSpan.Zero);
    served.Clear();
}

Console.WriteLine($"""

       {total} requests, {failed} failed.
       Traffic had moved {(moved - killed)?.TotalMilliseconds:F0} ms after the kill, and the first request was back on mlx {(back - restarted)?.TotalMilliseconds:F0} ms after the restart.

    """);
ShowProviders(catalog);
await host.StopAsync();
return failed == 0 ? 0 : 1;

async Task AskAsync()
{
    long started = Stopwatch.GetTimestamp();
    try
    {
        ChatResponse response = await chat.GetResponseAsync("What is the capital of Norway?");
        string by = response.GetProvider()!;
        served[by] = Count(by) + 1;
        moved ??= killed is not null && by != "mlx" ? clock.Elapsed : null;
        back ??= restarted is not null && by == "mlx" ? clock.Elapsed : null;
    }
    catch (Exception e) when (e is ProviderException or NoProvidersAvailableException)
    {
        failed++;
    }

    total++;
    TimeSpan took = Stopwatch.GetElapsedTime(started);
    slowest = took > slowest ? took : slowest;
}

int Count(string name) => served.GetValueOrDefault(name);

static void ShowProviders(IProviderCatalog catalog)
{
    Console.WriteLine("3. What the composite knows\n");
    Console.WriteLine($"   {"provider",-10} {"endpoint",-30} {"health",-10} {"circuit",-9} {"ok",6} {"failed",7} {"latency",9}");
    foreach (ProviderStatus provider in catalog.GetProviders())
    {
        foreach (TargetStatus target in provider.Targets)
        {
            Console.WriteLine($"   {provider.Descriptor.Name,-10} {provider.Descriptor.Endpoint,-30} {provider.Health,-10} {target.Circuit,-9} {target.Successes,6} {target.Failures,7} {target.Latency?.TotalMilliseconds,6:F1} ms");
        }
    }
}
