using FluentAssertions;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace Providers.Conformance.VectorData;

/// <summary>Collections come, are listed, and go.</summary>
public abstract class CollectionConformance(IVectorStoreHost host) : VectorStoreConformance(host)
{
    private VectorStoreCollection<int, Thing<int>> Collection(string name = Name) => Store.GetCollection<int, Thing<int>>(name, ThingDefinition(typeof(int)));

    [Fact]
    public async Task Collection_MadeAndDeleted_ExistsInBetween()
    {
        VectorStoreCollection<int, Thing<int>> things = Collection();
        (await things.CollectionExistsAsync()).Should().BeFalse();
        await things.EnsureCollectionExistsAsync();
        await things.EnsureCollectionExistsAsync();
        (await things.CollectionExistsAsync()).Should().BeTrue();
        (await Store.CollectionExistsAsync(Name)).Should().BeTrue();
        await things.EnsureCollectionDeletedAsync();
        (await things.CollectionExistsAsync()).Should().BeFalse();
        await things.EnsureCollectionDeletedAsync();
        await Store.EnsureCollectionDeletedAsync(Name);
    }

    [Fact]
    public async Task Store_DeletesCollection_AndItsRecordsWithIt()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        await Store.EnsureCollectionDeletedAsync(Name);
        (await things.CollectionExistsAsync()).Should().BeFalse();
        await things.EnsureCollectionExistsAsync();
        (await things.GetAsync(1)).Should().BeNull();
        (await things.SearchAsync(Vector(1, 2, 3), 10).ToListAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task ListCollectionNames_GivesEachOnce()
    {
        string[] names = ["b", "A", "a", "with space/and ünïcode", "c.d"];
        foreach (string name in names)
        {
            await Collection(name).EnsureCollectionExistsAsync();
        }

        (await Store.ListCollectionNamesAsync().ToListAsync()).Should().BeEquivalentTo(names);
        await Store.EnsureCollectionDeletedAsync("A");
        (await Store.ListCollectionNamesAsync().ToListAsync()).Should().BeEquivalentTo(names.Except(["A"]));
    }

    [Fact]
    public void Metadata_OfStoreAndCollection_NamesThem()
    {
        VectorStoreCollection<int, Thing<int>> things = Collection();
        things.Name.Should().Be(Name);
        var ofCollection = things.GetService(typeof(VectorStoreCollectionMetadata)).Should().BeOfType<VectorStoreCollectionMetadata>().Subject;
        ofCollection.CollectionName.Should().Be(Name);
        ofCollection.VectorStoreSystemName.Should().NotBeNullOrEmpty();
        var ofStore = Store.GetService(typeof(VectorStoreMetadata)).Should().BeOfType<VectorStoreMetadata>().Subject;
        ofStore.VectorStoreSystemName.Should().Be(ofCollection.VectorStoreSystemName);
        Store.GetService(typeof(VectorStore)).Should().BeSameAs(Store);
        things.GetService(typeof(IVectorSearchable<Thing<int>>)).Should().BeSameAs(things);
        things.GetService(things.GetType(), "key").Should().BeNull();
        Store.GetService(Store.GetType(), "key").Should().BeNull();
        things.GetService(typeof(Uri)).Should().BeNull();
        Store.GetService(typeof(Uri)).Should().BeNull();
    }

    [Fact]
    public async Task Operation_OnMissingCollection_FailsWithItsName()
    {
        VectorStoreCollection<int, Thing<int>> things = Collection();
        Func<Task>[] operations =
        [
            () => things.UpsertAsync(Things()),
            () => things.GetAsync(1),
            () => things.GetAsync([1]).ToListAsync().AsTask(),
            () => things.GetAsync(t => true, 1).ToListAsync().AsTask(),
            () => things.DeleteAsync(1),
            () => things.SearchAsync(Vector(1, 2, 3), 1).ToListAsync().AsTask(),
        ];
        foreach (Func<Task> operation in operations)
        {
            VectorStoreException failure = (await operation.Should().ThrowAsync<VectorStoreException>()).Which;
            failure.CollectionName.Should().Be(Name);
            failure.OperationName.Should().NotBeNullOrEmpty();
            failure.VectorStoreSystemName.Should().NotBeNullOrEmpty();
        }
    }

    [Fact]
    public async Task Disposing_ACollection_LeavesItsRecords()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        things.Dispose();
        (await Collection().GetAsync(1)).Should().NotBeNull();
    }
}
