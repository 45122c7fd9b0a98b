using System.Linq.Expressions;
using CsCheck;

namespace Providers.VectorData.Tests;

/// <summary>Random filters: what is translated lets pass what the compiled expression lets pass.</summary>
public sealed class FilterPropertyTests
{
    private static readonly ParameterExpression Record = Expression.Parameter(typeof(Row2));

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static MemberExpression Property(string name) => Expression.Property(Record, name);

    private static readonly Gen<Expression> Comparison = Gen.Select(Gen.Int[0, 5], Gen.Int[-2, 4], OneOf("Int", "Short", "Real", "Maybe")).Select(static t =>
    {
        Expression left = Property(t.Item3);
        Expression right = t.Item3 switch
        {
            "Short" => Expression.Constant(t.Item2),
            "Real" => Expression.Constant((double)t.Item2),
            "Maybe" => Expression.Constant(t.Item2 == 4 ? null : t.Item2, typeof(int?)),
            _ => Expression.Constant(t.Item2),
        };
        left = t.Item3 == "Short" ? Expression.Convert(left, typeof(int)) : left;
        (left, right) = t.Item2 % 2 == 0 ? (left, right) : (right, left);
        return (Expression)(t.Item1 switch
        {
            0 => Expression.Equal(left, right),
            1 => Expression.NotEqual(left, right),
            2 => Expression.LessThan(left, right),
            3 => Expression.LessThanOrEqual(left, right),
            4 => Expression.GreaterThan(left, right),
            _ => Expression.GreaterThanOrEqual(left, right),
        });
    });

    private static readonly Gen<Expression> Leaf = Gen.Frequency(
        (4, Comparison),
        (1, OneOf<string?>("a", "b", null).Select(static s => (Expression)Expression.Equal(Property("Text"), Expression.Constant(s, typeof(string))))),
        (1, OneOf<string?>("a", "c", null).Select(static s => (Expression)Expression.NotEqual(Expression.Constant(s, typeof(string)), Property("Text")))),
        (1, Gen.Const((Expression)Property("Flag"))),
        (1, OneOf("a", "b").Select(static s => (Expression)Expression.Call(typeof(Enumerable), "Contains", [typeof(string)], Property("Tags"), Expression.Constant(s)))),
        (1, Gen.Int[-1, 3].Array[0, 3].Select(static a => (Expression)Expression.Call(typeof(Enumerable), "Contains", [typeof(int)], Expression.Constant(a), Property("Int")))));

    private static Gen<Expression> Filter(int depth) => depth == 0 ? Leaf : Gen.Frequency(
        (2, Leaf),
        (2, Gen.Select(Filter(depth - 1), Filter(depth - 1)).Select(static t => (Expression)Expression.AndAlso(t.Item1, t.Item2))),
        (2, Gen.Select(Filter(depth - 1), Filter(depth - 1)).Select(static t => (Expression)Expression.OrElse(t.Item1, t.Item2))),
        (1, Filter(depth - 1).Select(static f => (Expression)Expression.Not(f))),
        (1, Gen.Select(Filter(depth - 1), Filter(depth - 1)).Select(static t => (Expression)Expression.Equal(t.Item1, t.Item2))));

    private static readonly Row2[] Rows =
    [
        .. from number in Enumerable.Range(-2, 6)
           from text in new[] { "a", "b", null }
           from flag in new[] { true, false }
           select new Row2
           {
               Key = (number * 100) + ((text?[0] ?? 0) * 2) + (flag ? 1 : 0), Int = number, Short = (short)-number, Real = number == 3 ? double.NaN : number * 0.5,
               Maybe = number == 2 ? null : number, Text = text, Flag = flag, Tags = text is null ? [] : ["a", text],
           },
    ];

    [Fact]
    public async Task Translation_OfAnyFilter_IsTheCompiledExpression()
    {
        using var store = new ProvidersVectorStore();
        VectorStoreCollection<int, Row2> rows = store.GetCollection<int, Row2>("rows");
        await rows.EnsureCollectionExistsAsync();
        await rows.UpsertAsync(Rows);
        Filter(4).Sample(
            filter =>
            {
                var lambda = Expression.Lambda<Func<Row2, bool>>(filter, Record);
                int[] expected = [.. Rows.Where(lambda.Compile(preferInterpretation: true)).Select(static r => r.Key).Order()];
                rows.SearchAsync(new float[] { 1, 2 }, 1_000, new() { Filter = lambda }).ToBlockingEnumerable().Select(static r => r.Record.Key).Order()
                    .Should().Equal(expected, filter.ToString());
            },
            iter: 400,
            threads: 1);
    }

#pragma warning disable CA1819 // a record is written by its owner
    public sealed class Row2
    {
        [VectorStoreKey]
        public int Key { get; set; }

        [VectorStoreData]
        public int Int { get; set; }

        [VectorStoreData]
        public short Short { get; set; }

        [VectorStoreData]
        public double Real { get; set; }

        [VectorStoreData]
        public int? Maybe { get; set; }

        [VectorStoreData]
        public string? Text { get; set; }

        [VectorStoreData]
        public bool Flag { get; set; }

        [VectorStoreData]
        public string[] Tags { get; set; } = [];

        [VectorStoreVector(2)]
        public float[] Vector { get; set; } = [1, 2];
    }
#pragma warning restore CA1819
}
