using FluentAssertions;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace Providers.Conformance.VectorData;

/// <summary>Records as dictionaries, over the same data as typed ones.</summary>
public abstract class DynamicConformance(IVectorStoreHost host) : VectorStoreConformance(host)
{
    private async Task<VectorStoreCollection<object, Dictionary<string, object?>>> SeededDynamicAsync()
    {
        await SeededAsync();
        return Dynamic(Store, ThingDefinition(typeof(int)));
    }

    [Fact]
    public async Task Get_GivesAllProperties_AndVectorsOnlyWhenAsked()
    {
        VectorStoreCollection<object, Dictionary<string, object?>> things = await SeededDynamicAsync();
        (await things.GetAsync(4)).Should().BeEquivalentTo(new Dictionary<string, object?> { ["Key"] = 4, ["Text"] = null, ["Number"] = 40 });
        Dictionary<string, object?> full = (await things.GetAsync(1, new() { IncludeVectors = true }))!;
        ((ReadOnlyMemory<float>)full["Vector"]!).ToArray().Should().Equal(1, 2, 3);
        (await things.GetAsync(99)).Should().BeNull();
        (await things.GetAsync([1, 2, 99]).CountAsync()).Should().Be(2);
    }

    [Fact]
    public async Task Upsert_Search_Delete_Work()
    {
        VectorStoreCollection<object, Dictionary<string, object?>> things = await SeededDynamicAsync();
        await things.UpsertAsync([new() { ["Key"] = 7, ["Text"] = "seven", ["Number"] = 70, ["Vector"] = Vector(0, 9, 0) }, new() { ["Key"] = 1, ["Number"] = 11, ["Vector"] = Vector(0, 0, 9) }]);
        (await things.SearchAsync(Vector(0, 1, 0), 1).SingleAsync()).Record["Text"].Should().Be("seven");
        (await things.GetAsync(1))!["Text"].Should().BeNull();
        (await things.SearchAsync(Vector(0, 0, 1), 1, new() { Filter = r => (int)r["Number"]! == 20 }).SingleAsync()).Record["Key"].Should().Be(2);
        (await things.SearchAsync(Vector(0, 0, 1), 1, new() { VectorProperty = r => r["Vector"], Skip = 1 }).SingleAsync()).Record["Key"].Should().NotBe(1);
        await things.DeleteAsync(7);
        (await things.GetAsync(7)).Should().BeNull();
    }

    [Fact]
    public async Task Get_ByFilter_Orders()
    {
        VectorStoreCollection<object, Dictionary<string, object?>> things = await SeededDynamicAsync();
        (await things.GetAsync(r => (int)r["Number"]! > 10, 2, new() { OrderBy = o => o.Descending(r => r["Text"]).Descending(r => r["Number"]), Skip = 1 })
            .Select(r => r["Key"]).ToListAsync()).Should().Equal(2, 4);
    }

    [Fact]
    public async Task Property_UnknownOrOfAnotherType_IsNamed()
    {
        VectorStoreCollection<object, Dictionary<string, object?>> things = await SeededDynamicAsync();
        Func<Task> unknown = () => things.UpsertAsync(new Dictionary<string, object?> { ["Key"] = 1, ["Colour"] = "red", ["Vector"] = Vector(1, 2, 3) });
        await unknown.Should().ThrowAsync<VectorStoreException>().WithMessage("*Colour*");
        Func<Task> another = () => things.UpsertAsync(new Dictionary<string, object?> { ["Key"] = 1, ["Number"] = "ten", ["Vector"] = Vector(1, 2, 3) });
        await another.Should().ThrowAsync<VectorStoreException>().WithMessage("*Number*String*Int32*");
        Func<Task> filter = () => things.GetAsync(r => r["Colour"] == null, 1).ToListAsync().AsTask();
        await filter.Should().ThrowAsync<InvalidOperationException>().WithMessage("*Colour*");
        Func<Task> order = () => things.GetAsync(r => true, 1, new() { OrderBy = o => o.Ascending(r => r["Colour"]) }).ToListAsync().AsTask();
        await order.Should().ThrowAsync<InvalidOperationException>().WithMessage("*Colour*");
    }

    [Fact]
    public void Dictionary_AsTypedRecord_IsSentToTheRightDoor()
    {
        Action get = () => Store.GetCollection<object, Dictionary<string, object?>>(Name, ThingDefinition(typeof(int)));
        get.Should().Throw<NotSupportedException>().WithMessage("*GetDynamicCollection*");
    }
}
