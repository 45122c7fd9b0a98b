// A provider of your own, in three files: LineProvider.cs (who it is), LineChatClient.cs (the wire), LineProviderExtensions.cs (how a host adds it).
// The server here is one of Providers.Testing, which speaks Ollama's wire: a line of JSON for every few letters, the last one with "done".
//   dotnet run --project samples/CustomProvider
using CustomProvider;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Providers;
using Providers.Testing;

await using OllamaServer first = await OllamaServer.StartAsync(new ModelServerOptions { Answer = ["Oslo ", "is ", "the ", "capital ", "of ", "Norway."] });
await using OllamaServer second = await OllamaServer.StartAsync(new ModelServerOptions { Answer = ["It ", "is ", "Oslo."] });
await using ServiceProvider services = new ServiceCollection().AddCompositeProvider(c => c
    .AddLines("first", o => o.Endpoint = first.Endpoint)
    .AddLines("second", o => o.Endpoint = second.Endpoint)
    .AddRoute("chat", "first", "second")).Services.BuildServiceProvider();
IChatClient chat = services.GetRequiredService<IChatClient>();

first.Faults.Enqueue(Fault.None, Fault.Status(503), Fault.EndAfter(0));
for (int i = 0; i < 3; i++)
{
    ChatResponse response = await chat.GetResponseAsync("What is the capital of Norway?");
    Console.WriteLine($"{response.Text} (served by {response.GetProvider()} after {response.GetAttempts()} attempts)");
}
