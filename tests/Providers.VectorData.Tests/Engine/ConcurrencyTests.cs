namespace Providers.VectorData.Tests;

/// <summary>Readers beside writers: every answer is one that some moment would have given.</summary>
public sealed class ConcurrencyTests
{
    private const int Keys = 40;

    [Theory]
    [InlineData(IndexKind.Flat)]
    [InlineData(IndexKind.Hnsw)]
    public async Task Search_BesideWriters_AlwaysFindsAllThatPass(string kind)
    {
        using var store = new ProvidersVectorStore();
        VectorStoreCollection<int, Numbered2> numbers = store.GetCollection<int, Numbered2>("numbers", new()
        {
            Properties = [new VectorStoreVectorProperty("Vector", typeof(float[]), 4) { IndexKind = kind }],
        });
        await numbers.EnsureCollectionExistsAsync();
        await numbers.UpsertAsync(Enumerable.Range(0, Keys).Select(static k => Make(k, 0)));
        using var stop = new CancellationTokenSource();
        Task[] writers = [.. Enumerable.Range(0, 2).Select(w => Task.Run(async () =>
        {
            for (int generation = 1; !stop.IsCancellationRequested; generation++)
            {
                // Each batch keeps two numbers of one pair the same.
                int pair = (generation % (Keys / 4) * 4) + (w * 2);
                await numbers.UpsertAsync([Make(pair, generation), Make(pair + 1, generation)]);
            }
        }))];
        Task[] readers = [.. Enumerable.Range(0, 2).Select(r => Task.Run(async () =>
        {
            for (int i = 0; i < 300; i++)
            {
                List<VectorSearchResult<Numbered2>> all = await numbers.SearchAsync(Make(i % Keys, i).Vector, Keys, i % 2 == 0 ? null : new() { Filter = n => n.Number >= 0 }).ToListAsync();
                all.Select(static a => a.Record.Key).Should().BeEquivalentTo(Enumerable.Range(0, Keys));
                Dictionary<int, int> byKey = all.ToDictionary(static a => a.Record.Key, static a => a.Record.Number);
                for (int pair = 0; pair < Keys; pair += 2)
                {
                    byKey[pair].Should().Be(byKey[pair + 1], "a batch is seen wholly or not at all");
                }

                (await numbers.SearchAsync(Make(3, i).Vector, 5, new() { Filter = n => n.Key < 7 }).CountAsync()).Should().Be(5);
                (await numbers.GetAsync(i % Keys)).Should().NotBeNull();
            }
        }))];
        await Task.WhenAll(readers);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task Collection_DeletedBesideWriters_FailsThemClearly()
    {
        using var store = new ProvidersVectorStore();
        VectorStoreCollection<int, Numbered2> numbers = store.GetCollection<int, Numbered2>("numbers");
        await numbers.EnsureCollectionExistsAsync();
        CollectionData data = ((ProvidersVectorStore)store).Database.Find("numbers")!;
        await store.EnsureCollectionDeletedAsync("numbers");
        Action write = () => data.Upsert([]);
        write.Should().Throw<ObjectDisposedException>();
        Action delete = () => data.Delete([1]);
        delete.Should().Throw<ObjectDisposedException>();
        Func<Task> upsert = () => numbers.UpsertAsync(Make(1, 1));
        await upsert.Should().ThrowAsync<VectorStoreException>().WithMessage("*no such collection*");
    }

    private static Numbered2 Make(int key, int number) => new() { Key = key, Number = number, Vector = [1, key % 7, number % 5, key % 3] };

#pragma warning disable CA1819 // a record is written by its owner
    public sealed class Numbered2
    {
        [VectorStoreKey]
        public int Key { get; set; }

        [VectorStoreData]
        public int Number { get; set; }

        [VectorStoreVector(4)]
        public float[] Vector { get; set; } = [];
    }
#pragma warning restore CA1819
}
