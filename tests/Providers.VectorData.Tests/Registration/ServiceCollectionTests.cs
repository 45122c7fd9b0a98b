using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.VectorData.Tests;

public sealed class ServiceCollectionTests
{
    public static TheoryData<ServiceLifetime, string?> Lifetimes { get; } = new(
        from lifetime in Enum.GetValues<ServiceLifetime>()
        from key in new[] { null, "key" }
        select (lifetime, key));

    private static T Get<T>(IServiceProvider provider, object? key)
        where T : notnull => key is null ? provider.GetRequiredService<T>() : provider.GetRequiredKeyedService<T>(key);

    private static void ShouldLive<T>(IServiceProvider provider, ServiceLifetime lifetime, object? key)
        where T : class
    {
        using IServiceScope one = provider.CreateScope(), two = provider.CreateScope();
        T first = Get<T>(one.ServiceProvider, key), second = Get<T>(two.ServiceProvider, key), third = Get<T>(two.ServiceProvider, key);
        ReferenceEquals(first, second).Should().Be(lifetime is ServiceLifetime.Singleton);
        ReferenceEquals(second, third).Should().Be(lifetime is not ServiceLifetime.Transient);
    }

    [Theory]
    [MemberData(nameof(Lifetimes))]
    public void Store_IsFoundByEachName_AndLivesAsLongAsAsked(ServiceLifetime lifetime, string? key)
    {
        var services = new ServiceCollection();
        _ = key is null ? services.AddProvidersVectorStore(lifetime: lifetime) : services.AddKeyedProvidersVectorStore(key, lifetime: lifetime);
        using ServiceProvider provider = services.BuildServiceProvider();
        ShouldLive<ProvidersVectorStore>(provider, lifetime, key);
        ShouldLive<VectorStore>(provider, lifetime, key);
    }

    [Theory]
    [MemberData(nameof(Lifetimes))]
    public void Collection_IsFoundByEachName_AndLivesAsLongAsAsked(ServiceLifetime lifetime, string? key)
    {
        var services = new ServiceCollection();
        _ = key is null
            ? services.AddProvidersVectorStoreCollection<string, Numbered>("numbers", lifetime: lifetime)
            : services.AddKeyedProvidersVectorStoreCollection<string, Numbered>(key, "numbers", lifetime: lifetime);
        using ServiceProvider provider = services.BuildServiceProvider();
        ShouldLive<ProvidersCollection<string, Numbered>>(provider, lifetime, key);
        ShouldLive<VectorStoreCollection<string, Numbered>>(provider, lifetime, key);
        ShouldLive<IVectorSearchable<Numbered>>(provider, lifetime, key);
        ShouldLive<IKeywordHybridSearchable<Numbered>>(provider, lifetime, key);
    }

    [Fact]
    public async Task Memory_OfOneContainerAndKey_IsShared()
    {
        var services = new ServiceCollection();
        services.AddProvidersVectorStore(lifetime: ServiceLifetime.Transient).AddKeyedProvidersVectorStore("other");
        services.AddProvidersVectorStoreCollection<string, Numbered>("numbers", lifetime: ServiceLifetime.Scoped);
        await using ServiceProvider provider = services.BuildServiceProvider();
        using (IServiceScope scope = provider.CreateScope())
        {
            var numbers = scope.ServiceProvider.GetRequiredService<VectorStoreCollection<string, Numbered>>();
            await numbers.EnsureCollectionExistsAsync();
            await numbers.UpsertAsync(new Numbered { Key = "a", Number = 1, Vector = new float[] { 1, 2, 3 } });
        }

        VectorStore store = provider.GetRequiredService<VectorStore>();
        (await store.GetCollection<string, Numbered>("numbers").GetAsync("a"))!.Number.Should().Be(1);
        (await provider.GetRequiredKeyedService<VectorStore>("other").CollectionExistsAsync("numbers")).Should().BeFalse();
    }

    [Fact]
    public async Task Folder_OfTheOptions_IsOpenedAndClosed()
    {
        using var folder = new TempFolder();
        var services = new ServiceCollection();
        services.AddProvidersVectorStore(_ => new() { Folder = folder.Path });
        services.AddProvidersVectorStoreCollection<string, Numbered>("numbers", new() { Folder = folder.Path, FlushToDisk = false });
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            await provider.GetRequiredService<ProvidersCollection<string, Numbered>>().EnsureCollectionExistsAsync();
            (await provider.GetRequiredService<VectorStore>().ListCollectionNamesAsync().ToListAsync()).Should().Equal("numbers");
        }

        using var again = new VectorDatabase(folder.Path, new StorageSettings(false));
        again.Names().Should().Equal("numbers");
    }

    [Fact]
    public async Task EmbeddingGenerator_Registered_IsResolvedLateAndUsed()
    {
        int resolved = 0;
        using var generator = new Fixed();
        var services = new ServiceCollection();
        services.AddSingleton<IEmbeddingGenerator>(_ =>
        {
            resolved++;
            return generator;
        });
        services.AddProvidersVectorStoreCollection<string, Numbered>("numbers");
        services.AddProvidersVectorStore();
        resolved.Should().Be(0);
        await using ServiceProvider provider = services.BuildServiceProvider();
        var numbers = provider.GetRequiredService<ProvidersCollection<string, Numbered>>();
        resolved.Should().Be(1);
        await numbers.EnsureCollectionExistsAsync();
        await numbers.UpsertAsync([new() { Key = "a", Vector = new float[] { 1, 0, 0 } }, new() { Key = "b", Vector = new float[] { 0, 1, 0 } }]);
        (await numbers.SearchAsync("anything", 1).SingleAsync()).Record.Key.Should().Be("b");
        (await provider.GetRequiredService<VectorStore>().GetCollection<string, Numbered>("numbers").SearchAsync("anything", 1).SingleAsync()).Record.Key.Should().Be("b");
    }

    [Fact]
    public void Arguments_NullOrEmpty_AreNamed()
    {
        var services = new ServiceCollection();
        Action[] nulls =
        [
            () => ProvidersVectorStoreServiceCollectionExtensions.AddProvidersVectorStore(null!),
            () => ProvidersVectorStoreServiceCollectionExtensions.AddKeyedProvidersVectorStore(null!, "key"),
            () => ProvidersVectorStoreServiceCollectionExtensions.AddProvidersVectorStoreCollection<string, Numbered>(null!, "name"),
            () => services.AddProvidersVectorStore((Func<IServiceProvider, ProvidersVectorStoreOptions?>)null!),
            () => services.AddProvidersVectorStoreCollection<string, Numbered>(null!),
            () => services.AddKeyedProvidersVectorStoreCollection<string, Numbered>("key", null!),
            () => services.AddKeyedProvidersVectorStoreCollection<string, Numbered>("key", "name", (Func<IServiceProvider, ProvidersCollectionOptions?>)null!),
        ];
        nulls.Should().AllSatisfy(static a => a.Should().Throw<ArgumentNullException>());
        Action empty = () => services.AddProvidersVectorStoreCollection<string, Numbered>("");
        empty.Should().Throw<ArgumentException>();
    }

    private sealed class Fixed : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(static _ => new Embedding<float>(new float[] { 0, 1, 0 }))));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}

public sealed class Numbered
{
    [VectorStoreKey]
    public string Key { get; set; } = "";

    [VectorStoreData]
    public int Number { get; set; }

    [VectorStoreVector(3)]
    public ReadOnlyMemory<float> Vector { get; set; }
}
