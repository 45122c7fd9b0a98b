using System.Linq.Expressions;
using FluentAssertions;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace Providers.Conformance.VectorData;

/// <summary>Every type a data property may have: kept, read back, filtered by, null included, typed and dynamic.</summary>
public abstract class DataTypeConformance(IVectorStoreHost host) : VectorStoreConformance(host)
{
    [Fact]
    public Task Type_Bool_Works() => ValueAsync(true, false);

    [Fact]
    public Task Type_Byte_Works() => ValueAsync<byte>(8, 255);

    [Fact]
    public Task Type_SByte_Works() => ValueAsync<sbyte>(8, -128);

    [Fact]
    public Task Type_Short_Works() => ValueAsync<short>(8, -9);

    [Fact]
    public Task Type_UShort_Works() => ValueAsync<ushort>(8, 65_535);

    [Fact]
    public Task Type_Int_Works() => ValueAsync(8, int.MinValue);

    [Fact]
    public Task Type_UInt_Works() => ValueAsync(8u, uint.MaxValue);

    [Fact]
    public Task Type_Long_Works() => ValueAsync(8L, long.MinValue);

    [Fact]
    public Task Type_ULong_Works() => ValueAsync(8UL, ulong.MaxValue);

    [Fact]
    public Task Type_Float_Works() => ValueAsync(8.5f, float.Epsilon);

    [Fact]
    public Task Type_Double_Works() => ValueAsync(8.5, double.MaxValue);

    [Fact]
    public Task Type_Decimal_Works() => ValueAsync(8.50m, decimal.MinValue);

    [Fact]
    public Task Type_Char_Works() => ValueAsync('ä', '\uD800');

    [Fact]
    public Task Type_Guid_Works() => ValueAsync(new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"), Guid.Empty);

    [Fact]
    public Task Type_DateTime_Works() => ValueAsync(new DateTime(2020, 1, 1, 12, 30, 45, 678), new DateTime(2021, 1, 1, 0, 0, 0, DateTimeKind.Utc));

    [Fact]
    public Task Type_DateTimeOffset_Works() => ValueAsync(new DateTimeOffset(2020, 1, 1, 12, 30, 45, TimeSpan.FromHours(2)), DateTimeOffset.MaxValue);

    [Fact]
    public Task Type_DateOnly_Works() => ValueAsync(new DateOnly(2020, 1, 1), DateOnly.MaxValue);

    [Fact]
    public Task Type_TimeOnly_Works() => ValueAsync(new TimeOnly(12, 30, 45), TimeOnly.MaxValue);

    [Fact]
    public Task Type_TimeSpan_Works() => ValueAsync(TimeSpan.FromHours(3), TimeSpan.MinValue);

    [Fact]
    public Task Type_String_Works() => TypeAsync("föö \uD800\u0000", "");

    [Fact]
    public Task Type_StringArray_Works() => TypeAsync<string[]>(["foo", "bar", null!], ["foo", "baz"]);

    [Fact]
    public Task Type_IntList_Works() => TypeAsync<List<int>>([1, 2], []);

    [Fact]
    public Task Type_ByteArray_Works() => TypeAsync<byte[]>([1, 2, 255], [1, 2]);

    private async Task ValueAsync<T>(T main, T other)
        where T : struct
    {
        await TypeAsync(main, other);
        await Store.EnsureCollectionDeletedAsync(Name);
        await TypeAsync<T?>(main, other);
    }

    private async Task TypeAsync<T>(T main, T other)
    {
        VectorStoreCollectionDefinition definition = new()
        {
            Properties =
            [
                new VectorStoreKeyProperty("Key", typeof(int)), new VectorStoreDataProperty("Value", typeof(T)) { IsIndexed = true, StorageName = "v" },
                new VectorStoreVectorProperty("Vector", typeof(float[]), 3),
            ],
        };
        VectorStoreCollection<int, Valued<T>> typed = Store.GetCollection<int, Valued<T>>(Name, definition);
        await typed.EnsureCollectionExistsAsync();
        await typed.UpsertAsync([new() { Key = 1, Value = main }, new() { Key = 2, Value = other }]);
        bool nullable = default(T) is null;
        if (nullable)
        {
            await typed.UpsertAsync(new Valued<T> { Key = 3 });
        }

        (await typed.GetAsync(1))!.Value.Should().BeEquivalentTo(main);
        (await typed.GetAsync(2))!.Value.Should().BeEquivalentTo(other);
        ParameterExpression record = Expression.Parameter(typeof(Valued<T>));
        Expression<Func<Valued<T>, bool>> Is(object? value) =>
            Expression.Lambda<Func<Valued<T>, bool>>(Expression.Equal(Expression.Property(record, "Value"), Expression.Constant(value, typeof(T))), record);

        (await typed.SearchAsync(new float[] { 1, 2, 3 }, 100, new() { Filter = Is(main) }).SingleAsync()).Record.Key.Should().Be(1);

        VectorStoreCollection<object, Dictionary<string, object?>> dynamic = Dynamic(Store, definition);
        ParameterExpression dictionary = Expression.Parameter(typeof(Dictionary<string, object?>));
        Expression<Func<Dictionary<string, object?>, bool>> DynamicIs(object? value) => Expression.Lambda<Func<Dictionary<string, object?>, bool>>(
            Expression.Equal(Expression.Convert(Expression.Call(dictionary, "get_Item", null, Expression.Constant("Value")), typeof(T)), Expression.Constant(value, typeof(T))), dictionary);

        Dictionary<string, object?> found = await dynamic.GetAsync(DynamicIs(main), 100).SingleAsync();
        found["Key"].Should().Be(1);
        found["Value"].Should().BeEquivalentTo(main).And.BeOfType(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T));
        if (nullable)
        {
            (await typed.GetAsync(3))!.Value.Should().BeNull();
            (await typed.GetAsync(Is(null), 100).SingleAsync()).Key.Should().Be(3);
            (await dynamic.GetAsync(DynamicIs(null), 100).SingleAsync())["Key"].Should().Be(3);
        }

        Dictionary<string, object?>[] more = [new() { ["Key"] = 4, ["Value"] = other, ["Vector"] = new float[] { 1, 2, 3 } }, new() { ["Key"] = 2, ["Value"] = main, ["Vector"] = new float[] { 1, 2, 3 } }];
        await dynamic.UpsertAsync(more);
        (await typed.GetAsync(Is(main), 100).CountAsync()).Should().Be(2);
        (await typed.GetAsync(4))!.Value.Should().BeEquivalentTo(other);
    }

    [Fact]
    public void Type_NotSupported_IsRefusedWhenTheModelIsBuilt()
    {
        foreach (Type type in new[] { typeof(Uri), typeof(Dictionary<string, string>), typeof(DayOfWeek), typeof(string[][]) })
        {
            Action build = () => Dynamic(Store, new()
            {
                Properties = [new VectorStoreKeyProperty("Key", typeof(int)), new VectorStoreDataProperty("Value", type)],
            });
            build.Should().Throw<NotSupportedException>().WithMessage($"*Value*{type.Name}*DateTimeOffset*");
        }
    }

#pragma warning disable CA1819 // an array is one of the types a vector may have
    public sealed class Valued<T>
    {
        public int Key { get; set; }

        public T Value { get; set; } = default!;

        public float[] Vector { get; set; } = [1, 2, 3];
    }
#pragma warning restore CA1819
}
