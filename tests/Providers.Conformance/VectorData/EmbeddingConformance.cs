using System.Globalization;
using FluentAssertions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace Providers.Conformance.VectorData;

/// <summary>Vectors made of inputs, by the generator of the property, the collection, or the store.</summary>
public abstract class EmbeddingConformance(IVectorStoreHost host) : VectorStoreConformance(host)
{
    private static VectorStoreCollectionDefinition Definition(IEmbeddingGenerator? collection, IEmbeddingGenerator? property, Type? type = null) => new()
    {
        Properties =
        [
            new VectorStoreKeyProperty("Key", typeof(int)),
            new VectorStoreDataProperty("Text", typeof(string)),
            new VectorStoreVectorProperty("Input", type ?? typeof(string), 3) { EmbeddingGenerator = property },
        ],
        EmbeddingGenerator = collection,
    };

    private async Task SeedAsync()
    {
        VectorStoreCollection<object, Dictionary<string, object?>> noted = Dynamic(Store, Definition(null, null, typeof(ReadOnlyMemory<float>)));
        await noted.EnsureCollectionExistsAsync();
        await noted.UpsertAsync([Seed(1, "store"), Seed(2, "collection"), Seed(3, "property")]);
    }

    private static Dictionary<string, object?> Seed(int last, string text) => new() { ["Key"] = last, ["Text"] = text, ["Input"] = Vector(1, 1, last) };

    [Theory]
    [InlineData(true, true, "property")]
    [InlineData(true, false, "collection")]
    [InlineData(false, true, "property")]
    [InlineData(false, false, "store")]
    public async Task Search_UsesTheNearestGenerator(bool collection, bool property, string expected)
    {
        await SeedAsync();
        VectorStoreCollectionDefinition definition = Definition(collection ? new Numbers(2) : null, property ? new Numbers(3) : null);
        using VectorStore store = Open(new Numbers(1));
        (await store.GetCollection<int, Noted>(Name, definition).SearchAsync("1 1 0", 1).SingleAsync()).Record.Text.Should().Be(expected);
        (await Dynamic(store, definition).SearchAsync("1 1 0", 1).SingleAsync()).Record["Text"].Should().Be(expected);
        (await Dynamic(store, definition).SearchAsync<object>("1 1 0", 1).SingleAsync()).Record["Text"].Should().Be(expected);
        (await store.GetCollection<int, Noted>(Name, definition).SearchAsync(Vector(1, 1, 2), 1).SingleAsync()).Record.Text.Should().Be("collection");
    }

    [Fact]
    public async Task Search_NativeVectorWithGenerator_TakesInputsToo()
    {
        await SeedAsync();
        using VectorStore store = Open(new Numbers(null));
        VectorStoreCollection<object, Dictionary<string, object?>> noted = Dynamic(store, Definition(null, null, typeof(ReadOnlyMemory<float>)));
        (await noted.SearchAsync("1 1 2", 1, new() { IncludeVectors = true }).SingleAsync()).Record["Text"].Should().Be("collection");
    }

    [Fact]
    public async Task Search_CustomInput_Works()
    {
        await SeedAsync();
        using VectorStore store = Open(new OfCustomers());
        VectorStoreCollectionDefinition definition = new()
        {
            Properties = [new VectorStoreKeyProperty("Key", typeof(int)), new VectorStoreDataProperty("Text", typeof(string)), new VectorStoreVectorProperty<Customer>("Input", 3)],
        };
        VectorStoreCollection<int, Bought> bought = store.GetCollection<int, Bought>(Name, definition);
        (await bought.SearchAsync(new Customer { Value = 3 }, 1).SingleAsync()).Record.Text.Should().Be("property");
        await bought.UpsertAsync(new Bought { Key = 9, Text = "nine", Input = new Customer { Value = 50 } });
        (await bought.SearchAsync(new Customer { Value = 50 }, 1).SingleAsync()).Record.Text.Should().Be("nine");
    }

    [Fact]
    public async Task Upsert_OneCallForABatch_AndNullsHaveNoVector()
    {
        await SeedAsync();
        var numbers = new Numbers(null);
        using VectorStore store = Open(numbers);
        VectorStoreCollection<int, Noted> noted = store.GetCollection<int, Noted>(Name, Definition(null, null));
        await noted.UpsertAsync([new() { Key = 10, Input = "100 1 3" }, new() { Key = 11 }, new() { Key = 12, Input = "1 100 3" }]);
        numbers.Calls.Should().Be(1);
        (await noted.SearchAsync(Vector(100, 1, 3), 1).SingleAsync()).Record.Key.Should().Be(10);
        (await noted.SearchAsync("1 100 3", 1).SingleAsync()).Record.Key.Should().Be(12);
        (await noted.SearchAsync(Vector(100, 1, 3), 100).Select(r => r.Record.Key).ToListAsync()).Should().HaveCount(5).And.NotContain(11);
        Noted read = (await noted.GetAsync(10))!;
        read.Input.Should().BeNull("the input is not kept, only its vector");
        await noted.UpsertAsync([new Noted { Key = 13 }]);
        VectorStoreCollection<object, Dictionary<string, object?>> dynamic = Dynamic(store, Definition(null, null));
        await dynamic.UpsertAsync([new() { ["Key"] = 20, ["Input"] = "300 1 1" }, new() { ["Key"] = 21, ["Input"] = "1 1 400" }]);
        (await dynamic.SearchAsync("1 1 400", 1).SingleAsync()).Record["Key"].Should().Be(21);
    }

    [Fact]
    public async Task IncludeVectors_WithGeneratedOnes_IsRefused()
    {
        await SeedAsync();
        VectorStoreCollection<int, Noted> noted = Store.GetCollection<int, Noted>(Name, Definition(new Numbers(1), null));
        Func<Task>[] calls =
        [
            () => noted.GetAsync(1, new() { IncludeVectors = true }),
            () => noted.GetAsync([1, 2], new() { IncludeVectors = true }).ToListAsync().AsTask(),
            () => noted.GetAsync(n => true, 1, new() { IncludeVectors = true }).ToListAsync().AsTask(),
            () => noted.SearchAsync("1 0 0", 1, new() { IncludeVectors = true }).ToListAsync().AsTask(),
        ];
        foreach (Func<Task> call in calls)
        {
            await call.Should().ThrowAsync<NotSupportedException>().WithMessage("When an embedding generator is configured, `Include Vectors` cannot be enabled.");
        }
    }

    [Fact]
    public async Task Input_WithoutOrWithAnotherGenerator_IsRefused()
    {
        await SeedAsync();
        Func<Task> without = () => Dynamic(Store, Definition(null, null, typeof(float[]))).SearchAsync("foo", 1).ToListAsync().AsTask();
        await without.Should().ThrowAsync<NotSupportedException>().WithMessage("A value of type 'string' was passed to 'SearchAsync'*no embedding generator was configured. The supported vector types are:*");
        Func<Task> another = () => Store.GetCollection<int, Noted>(Name, Definition(new Numbers(1), null)).SearchAsync(8, 1).ToListAsync().AsTask();
        await another.Should().ThrowAsync<InvalidOperationException>().WithMessage("An input of type 'int' was provided, but an incompatible embedding generator of type 'Numbers' was configured.");
        Func<Task> unusable = () => Dynamic(Open(new OfCustomers()), Definition(null, null, typeof(float[]))).SearchAsync("foo", 1).ToListAsync().AsTask();
        await unusable.Should().ThrowAsync<InvalidOperationException>();
        Action model = () => Store.GetCollection<int, Noted>(Name, Definition(null, null));
        model.Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task Generator_ReturningTooFewOrOfWrongSize_FailsTheUpsert()
    {
        await SeedAsync();
        VectorStoreCollection<int, Noted> noted = Store.GetCollection<int, Noted>(Name, Definition(new Numbers(null) { Drop = 1 }, null));
        Func<Task> few = () => noted.UpsertAsync([new() { Key = 30, Input = "1 1 1" }, new() { Key = 31, Input = "1 1 1" }]);
        await few.Should().ThrowAsync<VectorStoreException>().WithMessage("*2 inputs*1 embeddings*");
        VectorStoreCollection<int, Noted> wrong = Store.GetCollection<int, Noted>(Name, Definition(new Numbers(null), null));
        Func<Task> size = () => wrong.UpsertAsync(new Noted { Key = 30, Input = "1 1" });
        await size.Should().ThrowAsync<VectorStoreException>().WithMessage("*2 dimensions*3*");
        (await noted.GetAsync([30, 31]).CountAsync()).Should().Be(0);
    }

    public sealed class Noted
    {
        public int Key { get; set; }

        public string? Text { get; set; }

        public string? Input { get; set; }
    }

    public sealed class Bought
    {
        public int Key { get; set; }

        public string? Text { get; set; }

        public Customer? Input { get; set; }
    }

    public sealed class Customer
    {
        public float Value { get; set; }
    }

    /// <summary>Numbers in a text as a vector; the last may be replaced, to tell generators apart.</summary>
    private sealed class Numbers(float? last) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public int Calls { get; private set; }

        public int Drop { get; init; }

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            IEnumerable<float[]> vectors = values.Select(v => v.Split(' ').Select(n => float.Parse(n, CultureInfo.InvariantCulture)).ToArray());
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(vectors.Skip(Drop).Select(v => new Embedding<float>(last is { } l ? [.. v[..^1], l] : v))));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class OfCustomers : IEmbeddingGenerator<Customer, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<Customer> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(v => new Embedding<float>(new[] { 1, 1, v.Value }))));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
