using System.Linq.Expressions;
using FluentAssertions;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace Providers.Conformance.VectorData;

/// <summary>Filters by expression, typed and dynamic: what passes is what LINQ over a list lets pass.</summary>
public abstract class FilterConformance(IVectorStoreHost host) : VectorStoreConformance(host)
{
    private static readonly int StaticField = 9;
    private readonly int _field = 9;
    private readonly Holder _holder = new();

    private static List<Item> Items() =>
    [
        new() { Key = 1, Int = 8, Text = "foo", Flag = true, Other = 80, Tags = ["x", "y"], List = ["x", "y"], Maybe = 1, Small = 3, Real = 0.5 },
        new() { Key = 2, Int = 9, Text = "bar", Flag = false, Other = 90, Tags = ["a", "b"], List = ["a", "b"], Maybe = null, Small = -3, Real = double.NaN },
        new() { Key = 3, Int = 9, Text = "foo", Flag = true, Other = 9, Tags = ["x"], List = ["x"], Maybe = 3, Small = 0, Real = -0.0 },
        new() { Key = 4, Int = 10, Text = null, Flag = false, Other = 100, Tags = ["x", "y", "z"], List = ["x", "y", "z"], Maybe = 5, Small = 5, Real = 2 },
        new() { Key = 5, Int = 11, Text = "some \"special's\\text", Flag = true, Other = 101, Tags = [], List = ["y", "z"], Maybe = null, Small = 7, Real = 1e300 },
    ];

    private async Task PassesAsync(Expression<Func<Item, bool>> filter, Expression<Func<Dictionary<string, object?>, bool>>? dynamicFilter = null)
    {
        VectorStoreCollection<int, Item> items = Store.GetCollection<int, Item>(Name);
        await items.EnsureCollectionExistsAsync();
        await items.UpsertAsync(Items());
        int[] expected = [.. Items().Where(filter.Compile()).Select(i => i.Key)];
        string because = filter.ToString();
        (await items.SearchAsync(Vector(1, 2, 3), 100, new() { Filter = filter }).Select(r => r.Record.Key).ToListAsync()).Should().BeEquivalentTo(expected, because);
        (await items.GetAsync(filter, 100).Select(i => i.Key).ToListAsync()).Should().BeEquivalentTo(expected, because);
        if (dynamicFilter is null)
        {
            return;
        }

        VectorStoreCollection<object, Dictionary<string, object?>> dynamic = Dynamic(Store, Definition());
        (await dynamic.SearchAsync(Vector(1, 2, 3), 100, new() { Filter = dynamicFilter }).Select(r => r.Record["Key"]).ToListAsync()).Should().BeEquivalentTo(expected, because);
    }

#pragma warning disable CS0252, CS0253 // equality of objects is equality of values in a filter
    [Fact]
    public async Task Equality_OfValuesAndNulls()
    {
        int? eight = 8, none = null;
        string? nothing = null;
        await PassesAsync(i => i.Int == 8, r => (int)r["Int"]! == 8);
        await PassesAsync(i => 8 == i.Int, r => 8 == (int)r["Int"]!);
        await PassesAsync(i => i.Int == eight, r => (int)r["Int"]! == eight);
        await PassesAsync(i => i.Int == eight.Value, r => (int)r["Int"]! == eight.Value);
        await PassesAsync(i => i.Int == none, r => (int)r["Int"]! == none);
        await PassesAsync(i => i.Text == "foo", r => r["Text"] == "foo");
        await PassesAsync(i => i.Text == "some \"special's\\text", r => r["Text"] == "some \"special's\\text");
        await PassesAsync(i => i.Text == "fo", r => r["Text"] == "fo");
        await PassesAsync(i => i.Text == null, r => r["Text"] == null);
        await PassesAsync(i => i.Text == nothing, r => r["Text"] == nothing);
        await PassesAsync(i => i.Text != "foo", r => r["Text"] != "foo");
        await PassesAsync(i => i.Text != null, r => r["Text"] != null);
        await PassesAsync(i => i.Int != 8, r => (int)r["Int"]! != 8);
        await PassesAsync(i => i.Maybe == null, r => r["Maybe"] == null);
        await PassesAsync(i => i.Maybe == 3 || i.Maybe == eight, r => (int?)r["Maybe"] == 3);
        await PassesAsync(i => i.Maybe.HasValue && i.Maybe.Value > 1);
        await PassesAsync(i => !i.Maybe.HasValue);
        await PassesAsync(i => i.Key == 2, r => (int)r["Key"]! == 2);
        await PassesAsync(i => i.Real == 0.0);
        await PassesAsync(i => i.Real != double.NaN);
    }

    [Fact]
    public async Task NullableValue_OfNull_IsTheCallersMistake()
    {
        int? none = null;
        await SeededItems().EnsureCollectionExistsAsync();
        Func<Task> filter = async () => await SeededItems().SearchAsync(Vector(1, 2, 3), 1, new() { Filter = i => i.Int == none!.Value }).ToListAsync();
        await filter.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Order_OfValues()
    {
        await PassesAsync(i => i.Int > 9, r => (int)r["Int"]! > 9);
        await PassesAsync(i => i.Int >= 9, r => (int)r["Int"]! >= 9);
        await PassesAsync(i => i.Int < 10, r => (int)r["Int"]! < 10);
        await PassesAsync(i => i.Int <= 9, r => (int)r["Int"]! <= 9);
        await PassesAsync(i => i.Maybe > 2);
        await PassesAsync(i => !(i.Maybe > 2));
        await PassesAsync(i => i.Int < i.Other);
        await PassesAsync(i => i.Small > 2);
        await PassesAsync(i => i.Small < i.Int);
        await PassesAsync(i => i.Int > 8.5);
        await PassesAsync(i => i.Int == 9L);
        await PassesAsync(i => i.Real < 1 || i.Real >= 1);
        await PassesAsync(i => i.Maybe >= i.Small);
    }

    [Fact]
    public async Task Logic_AndOrNot()
    {
        await PassesAsync(i => i.Int == 9 && i.Text == "foo", r => (int)r["Int"]! == 9 && r["Text"] == "foo");
        await PassesAsync(i => i.Int == 8 || i.Text == "bar", r => (int)r["Int"]! == 8 || r["Text"] == "bar");
        await PassesAsync(i => (i.Int == 8 || i.Int == 9) && i.Text == "foo" && i.Other == 80);
        await PassesAsync(i => (i.Int == 8 && i.Text == "foo") || i.Other == 100);
        await PassesAsync(i => !(i.Int == 8), r => !((int)r["Int"]! == 8));
        await PassesAsync(i => !(i.Int != 8));
        await PassesAsync(i => !(i.Int == 8 && i.Text == "foo"), r => !((int)r["Int"]! == 8 && r["Text"] == "foo"));
        await PassesAsync(i => !(i.Int == 8 || i.Text == "foo"));
        await PassesAsync(i => i.Int == 8 | i.Flag & i.Other > 100);
        await PassesAsync(i => true, r => true);
        await PassesAsync(i => false, r => false);
    }

    [Fact]
    public async Task Booleans()
    {
        bool yes = true;
        await PassesAsync(i => i.Flag, r => (bool)r["Flag"]!);
        await PassesAsync(i => !i.Flag, r => !(bool)r["Flag"]!);
        await PassesAsync(i => i.Flag || !i.Flag, r => (bool)r["Flag"]! || !(bool)r["Flag"]!);
        await PassesAsync(i => !i.Flag && i.Int != int.MaxValue, r => !(bool)r["Flag"]! && (int)r["Int"]! != int.MaxValue);
        await PassesAsync(i => i.Flag == yes);
        await PassesAsync(i => (i.Int > 8) == i.Flag);
        await PassesAsync(i => yes && i.Flag);
    }

    [Fact]
    public async Task Contains_OverStoredListsAndCapturedOnes()
    {
        string[] words = ["foo", "baz", "un  , ' \""];
        List<string> list = ["foo", "bar"];
        HashSet<string> set = new(["FOO"], StringComparer.OrdinalIgnoreCase);
        HashSet<int> numbers = [8, 11];
        IReadOnlyCollection<int?> maybes = [1, null];
        string x = "x";
        await PassesAsync(i => i.Tags.Contains("x"), r => ((string[])r["Tags"]!).Contains("x"));
        await PassesAsync(i => i.Tags.Contains(x), r => ((string[])r["Tags"]!).Contains(x));
        await PassesAsync(i => i.List.Contains("x"), r => ((List<string>)r["List"]!).Contains("x"));
        await PassesAsync(i => Enumerable.Contains(i.Tags, "x"));
        await PassesAsync(i => MemoryExtensions.Contains(i.Tags, "x"));
        await PassesAsync(i => MemoryExtensions.Contains(i.Tags, "x", null));
        await PassesAsync(i => new[] { 8, 10 }.Contains(i.Int), r => new[] { 8, 10 }.Contains((int)r["Int"]!));
        await PassesAsync(i => new[] { "foo", "nix" }.Contains(i.Text), r => new[] { "foo", "nix" }.Contains(r["Text"]));
        await PassesAsync(i => words.Contains(i.Text), r => words.Contains(r["Text"]));
        await PassesAsync(i => list.Contains(i.Text!));
        await PassesAsync(i => set.Contains(i.Text!));
        await PassesAsync(i => numbers.Contains(i.Int));
        await PassesAsync(i => maybes.Contains(i.Maybe));
        await PassesAsync(i => new[] { _field, StaticField + 1 }.Contains(i.Int));
        await PassesAsync(i => new int[] { 3, 5 }.Contains(i.Small));
    }

    [Fact]
    public async Task Any_OverStoredLists()
    {
        string[] wanted = ["x", "z"];
        List<string> asList = ["b"];
        await PassesAsync(i => i.Tags.Any(t => wanted.Contains(t)), r => ((string[])r["Tags"]!).Any(t => wanted.Contains(t)));
        await PassesAsync(i => i.Tags.Any(t => new[] { "x", "z" }.Contains(t)), r => ((string[])r["Tags"]!).Any(t => new[] { "x", "z" }.Contains(t)));
        await PassesAsync(i => i.Tags.Any(t => asList.Contains(t)));
        await PassesAsync(i => i.List.Any(t => wanted.Contains(t)), r => ((List<string>)r["List"]!).Any(t => wanted.Contains(t)));
        await PassesAsync(i => i.Tags.Any());
        await PassesAsync(i => i.Tags.Any(t => t == i.Text || t == "b"));
    }

    [Fact]
    public async Task Values_CapturedInEveryWay()
    {
        int local = 9;
        await PassesAsync(i => i.Int == local, r => (int)r["Int"]! == local);
        await PassesAsync(i => i.Int == _field, r => (int)r["Int"]! == _field);
        await PassesAsync(i => i.Int == StaticField, r => (int)r["Int"]! == StaticField);
        await PassesAsync(i => i.Int == _holder.Value, r => (int)r["Int"]! == _holder.Value);
        await PassesAsync(i => i.Int == local + 1);
        await PassesAsync(i => i.Int == int.Parse("9"));
        await PassesAsync(i => i.Text == string.Concat("f", "oo"));
    }
#pragma warning restore CS0252, CS0253

    [Fact]
    public async Task Filter_ThatCannotBeTranslated_SaysSo()
    {
        VectorStoreCollection<int, Item> items = SeededItems();
        await items.EnsureCollectionExistsAsync();
        Expression<Func<Item, bool>>[] filters =
        [
            i => i.Text!.StartsWith("f"), i => i.Int + 1 == 9, i => i.Text!.Length == 3, i => i.Vector.Equals(null), i => i.Text!.Contains("o"), i => (short)i.Int == 8,
            i => i.Tags.Any(t => i.List.Any(l => l == t)), i => i.Ignored == 1,
        ];
        foreach (Expression<Func<Item, bool>> filter in filters)
        {
            Func<Task> search = () => items.SearchAsync(Vector(1, 2, 3), 1, new() { Filter = filter }).ToListAsync().AsTask();
            (await search.Should().ThrowAsync<Exception>(filter.ToString())).Which.Should().Match(e => e is NotSupportedException || e is InvalidOperationException);
        }

        string[]? nothing = null;
        Func<Task> missing = () => items.GetAsync(i => nothing!.Contains(i.Text), 1).ToListAsync().AsTask();
        await missing.Should().ThrowAsync<Exception>();
    }

    [Fact]
    public async Task DynamicFilter_CastToAnotherType_SaysSo()
    {
        await SeededItems().EnsureCollectionExistsAsync();
        Func<Task> search = () => Dynamic(Store, Definition()).GetAsync(r => (long)r["Int"]! == 8, 1).ToListAsync().AsTask();
        await search.Should().ThrowAsync<InvalidCastException>().WithMessage("*Int*Int64*Int32*");
    }

    private VectorStoreCollection<int, Item> SeededItems() => Store.GetCollection<int, Item>(Name);

    private static VectorStoreCollectionDefinition Definition() => new()
    {
        Properties =
        [
            new VectorStoreKeyProperty("Key", typeof(int)), new VectorStoreDataProperty("Int", typeof(int)), new VectorStoreDataProperty("Text", typeof(string)),
            new VectorStoreDataProperty("Flag", typeof(bool)), new VectorStoreDataProperty("Tags", typeof(string[])), new VectorStoreDataProperty("List", typeof(List<string>)),
            new VectorStoreDataProperty("Maybe", typeof(int?)), new VectorStoreVectorProperty("Vector", typeof(ReadOnlyMemory<float>?), 3),
        ],
    };

    private sealed class Holder
    {
        public int Value { get; } = 9;
    }

#pragma warning disable CA1819, CA1002, CA2227 // a record is written by its owner
    public sealed class Item
    {
        [VectorStoreKey]
        public int Key { get; set; }

        [VectorStoreData]
        public int Int { get; set; }

        [VectorStoreData]
        public string? Text { get; set; }

        [VectorStoreData]
        public bool Flag { get; set; }

        [VectorStoreData]
        public int Other { get; set; }

        [VectorStoreData]
        public string[] Tags { get; set; } = [];

        [VectorStoreData]
        public List<string> List { get; set; } = [];

        [VectorStoreData]
        public int? Maybe { get; set; }

        [VectorStoreData]
        public short Small { get; set; }

        [VectorStoreData]
        public double Real { get; set; }

        public int Ignored { get; set; }

        [VectorStoreVector(3)]
        public ReadOnlyMemory<float>? Vector { get; set; } = new float[] { 1, 2, 3 };
    }
#pragma warning restore CA1819, CA1002, CA2227
}
