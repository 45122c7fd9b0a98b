using FluentAssertions;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace Providers.Conformance.VectorData;

/// <summary>Vectors and keywords together.</summary>
public abstract class HybridConformance(IVectorStoreHost host) : VectorStoreConformance(host)
{
    private async Task<IKeywordHybridSearchable<Fruit>> SeededFruitAsync()
    {
        VectorStoreCollection<int, Fruit> fruit = Store.GetCollection<int, Fruit>(Name);
        await fruit.EnsureCollectionExistsAsync();
        await fruit.UpsertAsync(
        [
            new() { Key = 1, Text = "Apples keep, they nourish and are healthy", Vector = Vector(1, 0) },
            new() { Key = 2, Text = "Lemons: sour, full of vitamins", Vector = Vector(1, 0) },
            new() { Key = 3, Text = "Grapes are healthy and sweet", Vector = Vector(1, 0) },
        ]);
        return (IKeywordHybridSearchable<Fruit>)fruit;
    }

    private static async Task<List<int>> KeysAsync(IAsyncEnumerable<VectorSearchResult<Fruit>> results) => await results.Select(r => r.Record.Key).ToListAsync();

    [Fact]
    public async Task Keyword_ThatOneRecordHas_PutsItFirst()
    {
        IKeywordHybridSearchable<Fruit> fruit = await SeededFruitAsync();
        (await KeysAsync(fruit.HybridSearchAsync(Vector(1, 0), ["grapes"], 3))).Should().HaveCount(3).And.StartWith([3]);
        (await KeysAsync(fruit.HybridSearchAsync(Vector(1, 0), ["LEMONS"], 1))).Should().Equal(2);
        (await KeysAsync(fruit.HybridSearchAsync(Vector(1, 0), ["healthy"], 3, new() { Skip = 2 }))).Should().Equal(2);
        (await KeysAsync(fruit.HybridSearchAsync(Vector(1, 0), ["sour", "nourish"], 3))).Should().HaveCount(3).And.EndWith([3]);
        (await KeysAsync(fruit.HybridSearchAsync(Vector(1, 0), ["sour lemons"], 1))).Should().Equal(2);
    }

    [Fact]
    public async Task Filter_LimitsBothRankings()
    {
        IKeywordHybridSearchable<Fruit> fruit = await SeededFruitAsync();
        (await KeysAsync(fruit.HybridSearchAsync(Vector(1, 0), ["lemons"], 3, new() { Filter = f => f.Key == 1 }))).Should().Equal(1);
    }

    [Fact]
    public async Task Score_FallsAndIsCutByTheThreshold()
    {
        IKeywordHybridSearchable<Fruit> fruit = await SeededFruitAsync();
        List<VectorSearchResult<Fruit>> results = await fruit.HybridSearchAsync(Vector(1, 0), ["grapes"], 3).ToListAsync();
        results.Select(r => r.Score).Should().BeInDescendingOrder();
        (await fruit.HybridSearchAsync(Vector(1, 0), ["grapes"], 3, new() { ScoreThreshold = results[0].Score }).SingleAsync()).Record.Key.Should().Be(3);
    }

    [Fact]
    public async Task Update_AndDelete_ChangeWhatWordsFind()
    {
        IKeywordHybridSearchable<Fruit> fruit = await SeededFruitAsync();
        var collection = (VectorStoreCollection<int, Fruit>)fruit;
        await collection.UpsertAsync(new Fruit { Key = 1, Text = "grapes grapes", Vector = Vector(1, 0) });
        await collection.DeleteAsync(3);
        (await KeysAsync(fruit.HybridSearchAsync(Vector(1, 0), ["grapes"], 9))).Should().Equal(1, 2);
        (await KeysAsync(fruit.HybridSearchAsync(Vector(0, 1), ["apples"], 9, new() { IncludeVectors = true }))).Should().HaveCount(2);
        (await KeysAsync(fruit.HybridSearchAsync(Vector(1, 0), [], 9))).Should().HaveCount(2, "without keywords it is a search by vector");
    }

    [Fact]
    public async Task SeveralTexts_WantOneChosen()
    {
        VectorStoreCollection<int, TwoTexts> texts = Store.GetCollection<int, TwoTexts>(Name);
        await texts.EnsureCollectionExistsAsync();
        await texts.UpsertAsync([new() { Key = 1, Left = "apples", Right = "oranges", Vector = Vector(1, 0) }, new() { Key = 2, Left = "oranges", Right = "apples", Vector = Vector(1, 0) }]);
        var hybrid = (IKeywordHybridSearchable<TwoTexts>)texts;
        (await hybrid.HybridSearchAsync(Vector(1, 0), ["apples"], 4, new() { AdditionalProperty = t => t.Right }).Select(r => r.Record.Key).ToListAsync()).Should().Equal(2, 1);
        (await hybrid.HybridSearchAsync(Vector(1, 0), ["apples"], 4, new() { AdditionalProperty = t => t.Left }).Select(r => r.Record.Key).ToListAsync()).Should().Equal(1, 2);
        Func<Task> unchosen = () => hybrid.HybridSearchAsync(Vector(1, 0), ["apples"], 4).ToListAsync().AsTask();
        await unchosen.Should().ThrowAsync<InvalidOperationException>();
        Func<Task> notText = () => hybrid.HybridSearchAsync(Vector(1, 0), ["apples"], 4, new() { AdditionalProperty = t => t.Plain }).ToListAsync().AsTask();
        await notText.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Arguments_NullOrOutOfRange_AreNamed()
    {
        IKeywordHybridSearchable<Fruit> fruit = await SeededFruitAsync();
        Func<Task> keywords = () => fruit.HybridSearchAsync(Vector(1, 0), null!, 1).ToListAsync().AsTask();
        (await keywords.Should().ThrowAsync<ArgumentNullException>()).Which.ParamName.Should().Be("keywords");
        Func<Task> value = () => fruit.HybridSearchAsync((float[])null!, ["a"], 1).ToListAsync().AsTask();
        (await value.Should().ThrowAsync<ArgumentNullException>()).Which.ParamName.Should().Be("searchValue");
        Func<Task> top = () => fruit.HybridSearchAsync(Vector(1, 0), ["a"], 0).ToListAsync().AsTask();
        (await top.Should().ThrowAsync<ArgumentOutOfRangeException>()).Which.ParamName.Should().Be("top");
    }

    public sealed class Fruit
    {
        [VectorStoreKey]
        public int Key { get; set; }

        [VectorStoreData(IsFullTextIndexed = true)]
        public string? Text { get; set; }

        [VectorStoreVector(2)]
        public ReadOnlyMemory<float> Vector { get; set; }
    }

    public sealed class TwoTexts
    {
        [VectorStoreKey]
        public int Key { get; set; }

        [VectorStoreData(IsFullTextIndexed = true)]
        public string? Left { get; set; }

        [VectorStoreData(IsFullTextIndexed = true)]
        public string? Right { get; set; }

        [VectorStoreData]
        public string? Plain { get; set; }

        [VectorStoreVector(2)]
        public ReadOnlyMemory<float> Vector { get; set; }
    }
}
