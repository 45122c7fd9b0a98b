using System.Reflection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Providers.Registration;

namespace Providers.Tests.Support;

/// <summary>A composite over fakes on virtual time, as a host would build it.</summary>
internal sealed class TestComposite : IAsyncDisposable
{
    // In real time, and generous: a request that nobody ends fails its test instead of holding up all others. eng/mutate has less patience.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable("TEST_PATIENCE"), out int seconds) ? seconds : 120);

    private readonly ServiceProvider _services;

    public TestComposite(IEnumerable<FakeProvider> providers, Action<CompositeOptions>? configure = null, Action<ICompositeProviderBuilder>? build = null, Action<IServiceCollection>? services = null)
    {
        Fakes = [.. providers];
        ServiceCollection collection = new();
        collection.AddSingleton<TimeProvider>(Clock);
        collection.AddLogging();
        collection.AddCompositeProvider(builder =>
        {
            foreach (FakeProvider provider in Fakes)
            {
                builder.AddProvider(provider.Descriptor.Name, _ => provider);
            }

            builder.UseSeed(42).Configure(options =>
            {
                options.Health.Enabled = false;
                configure?.Invoke(options);
            });
            build?.Invoke(builder);
        });
        services?.Invoke(collection);
        _services = collection.BuildServiceProvider();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));

    public IReadOnlyList<FakeProvider> Fakes { get; }

    public IServiceProvider Services => _services;

    public IChatClient Chat => _services.GetRequiredService<IChatClient>();

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings => _services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();

    public IReranker Reranker => _services.GetRequiredService<IReranker>();

    /// <summary>What is behind the clients, for what no client shows.</summary>
    public CompositeHost Host => HostOf(_services);

    public static CompositeHost HostOf(IServiceProvider services) => services.GetServices<IHostedService>()
        .Select(static s => s.GetType().GetField("<host>P", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(s))
        .OfType<CompositeHost>().Single();

    public IProviderCatalog Catalog => _services.GetRequiredService<IProviderCatalog>();

    public Task<ChatResponse> AskAsync(ChatOptions? options = null, CancellationToken token = default) =>
        Chat.GetResponseAsync([new ChatMessage(ChatRole.User, "Capital of Norway?")], options, token).WaitAsync(Patience, CancellationToken.None);

    public IAsyncEnumerable<ChatResponseUpdate> Stream(ChatOptions? options = null, CancellationToken token = default) =>
        Chat.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Capital of Norway?")], options, token);

    /// <summary>Moves the clock in steps until a task is done; fails when it takes longer than it may.</summary>
    public async Task<T> RunAsync<T>(Task<T> task, TimeSpan? atMost = null, TimeSpan? step = null)
    {
        DateTimeOffset end = Clock.GetUtcNow() + (atMost ?? TimeSpan.FromMinutes(30));
        while (!task.IsCompleted && Clock.GetUtcNow() < end)
        {
            Clock.Advance(step ?? TimeSpan.FromMilliseconds(100));
        }

        task.IsCompleted.Should().BeTrue("it was given {0} of virtual time", atMost ?? TimeSpan.FromMinutes(30));
        return await task;
    }

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();
}
