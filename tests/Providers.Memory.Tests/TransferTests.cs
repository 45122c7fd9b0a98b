using System.Text;

namespace Providers.Memory.Tests;

/// <summary>Export and import: nothing lost, wrong lines named, cut off and gone on.</summary>
public sealed class TransferTests
{
    private static readonly MemoryScope Scope = Fixture.Scope;

    [Fact]
    public async Task Export_Imported_IsTheSameMemory()
    {
        Fixture from = await FilledAsync(250);
        MemoryStream file = new();
        (await from.Memory.ExportAsync(Scope, file)).Should().Be(250);
        Fixture to = new();
        to.Clock.SetUtcNow(from.Clock.GetUtcNow());
        Lines progress = new();
        MemoryImportResult result = await to.Memory.ImportAsync(Scope, Rewound(file), new MemoryImportOptions { Progress = progress });
        (result.Stored, result.Links, result.NextLine, result.Completed, result.Errors.Count).Should().Be((250, 2, 251, true, 0));
        progress.Seen.Should().BeInAscendingOrder().And.NotBeEmpty();
        MemoryStream again = new();
        await to.Memory.ExportAsync(Scope, again);
        Encoding.UTF8.GetString(again.ToArray()).Should().Be(Encoding.UTF8.GetString(file.ToArray()).Replace("\"version\":2", "\"version\":1", StringComparison.Ordinal), "all but the version, which counts a store's own changes");
        (await to.Memory.ImportAsync(Scope, Rewound(file))).Stored.Should().Be(250, "again does no harm");
        (await to.Store.GetStatsAsync(Scope)).Count.Should().Be(249);
    }

    [Fact]
    public async Task Export_OfAHub_KeepsEveryLink()
    {
        const int Count = 2_500;
        string[] ids = [.. Enumerable.Range(0, Count).Select(static i => $"{new string('n', 120)}{i:D4}")];
        Fixture from = new();
        foreach (string[] some in ids.Append("hub").Chunk(500))
        {
            await from.Store.ExecuteAsync(new MemoryTransaction(Scope, [.. some.Select(static id => new MemoryUpsert(new MemoryRecord { Id = id, Text = "note" }))]));
        }

        foreach (string[] some in ids.Chunk(500))
        {
            await from.Store.ExecuteAsync(new MemoryTransaction(Scope, [.. some.Select(static id => new MemoryLink("hub", MemoryRelation.References, id))]));
        }

        MemoryStream file = new();
        await from.Memory.ExportAsync(Scope, file);
        Fixture to = new();
        to.Clock.SetUtcNow(from.Clock.GetUtcNow());
        MemoryImportResult result = await to.Memory.ImportAsync(Scope, Rewound(file));
        (result.Stored, result.Links, result.Completed).Should().Be((Count + 1, Count, true));
    }

    [Fact]
    public async Task Export_WithoutVectors_IsEmbeddedByTheImport()
    {
        Fixture from = await FilledAsync(3);
        MemoryStream file = new();
        await from.Memory.ExportAsync(Scope, file, new MemoryExportOptions { Vectors = false, Filter = new MemoryFilter { Kinds = ["note"] } });
        Encoding.UTF8.GetString(file.ToArray()).Should().NotContain("vector");
        NamedSpace model = new("other", 32);
        Fixture to = new(generator: model);
        to.Clock.SetUtcNow(from.Clock.GetUtcNow());
        (await to.Memory.ImportAsync(Scope, Rewound(file))).Completed.Should().BeTrue();
        (await to.Store.GetStatsAsync(Scope)).BySpace.Should().ContainKey("other");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99)]
    public async Task Export_CutOff_GoesOnAfterItsLastLine(int whole)
    {
        Fixture from = await FilledAsync(100);
        MemoryStream file = new();
        await from.Memory.ExportAsync(Scope, file);
        string[] lines = Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        MemoryStream rest = new();
        await from.Memory.ExportAsync(Scope, rest, new MemoryExportOptions { After = whole == 0 ? null : lines[whole - 1] });
        Encoding.UTF8.GetString(rest.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Equal(lines[whole..]);
        await FluentActions.Awaiting(() => from.Memory.ExportAsync(Scope, rest, new MemoryExportOptions { After = "{" })).Should().ThrowAsync<FormatException>();
    }

    public static TheoryData<string, string> WrongLines => new()
    {
        { "{\"text\":\"cut in the midd", "no memory in JSON" }, { "not json", "no memory in JSON" }, { "[1]", "no memory in JSON" }, { "{\"text\":\"a\",\"text\":\"b\"}", "no memory in JSON" },
        { "{\"text\":\"a\",\"isAdmin\":true}", "isAdmin" }, { "{\"text\":\"\"}", "text" }, { "{\"id\":\"a/b\",\"text\":\"a\"}", "id" }, { "{\"text\":\"a\",\"importance\":1e400}", "importance" },
        { "{\"text\":\"a\",\"vector\":\"AAA\"}", "base64" }, { "{\"text\":\"a\",\"created\":\"9999-12-31T23:59:60Z\"}", "ISO 8601" }, { "{\"text\":\"a\",\"created\":\"2050-01-01T00:00:00Z\"}", "future" },
        { "{\"text\":\"a\",\"links\":[{\"relation\":\"hates\",\"to\":\"x\"}]}", "hates" }, { "{\"text\":5}", "no memory in JSON" }, { "long", "longer" }, { "bytes", "no memory in JSON" },
        { "{\"text\":\"wrong dimension\",\"vector_space\":\"lexical-1\",\"vector\":\"AACAPw==\"}", "dimensions" },
    };

    [Theory]
    [MemberData(nameof(WrongLines))]
    public async Task Import_OfAWrongLine_NamesItAndGoesOnThere(string line, string why)
    {
        Fixture f = new();
        byte[] wrong = line switch { "long" => new byte[20_000_000], "bytes" => [.. "{\"text\":\""u8, 0xFF, .. "\"}"u8], _ => Encoding.UTF8.GetBytes(line) };
        wrong.AsSpan().Replace((byte)0, (byte)'x');
        byte[] file = [.. "{\"id\":\"a\",\"text\":\"first\"}\r\n\n"u8, .. wrong, .. "\n{\"id\":\"b\",\"text\":\"last\"}"u8];
        MemoryImportResult stopped = await f.Memory.ImportAsync(Scope, new MemoryStream(file));
        (stopped.Stored >= 1, stopped.NextLine, stopped.Completed).Should().Be((true, 3, false));
        stopped.Errors.Should().ContainSingle().Which.Should().Match<MemoryImportError>(e => e.Line == 3 && e.Message.Contains("Line 3") && e.Message.Contains(why));
        MemoryImportResult resumed = await f.Memory.ImportAsync(Scope, new MemoryStream(file), new MemoryImportOptions { FromLine = 4 });
        (resumed.Stored, resumed.Completed, resumed.NextLine).Should().Be((1, true, 5));
        MemoryImportResult lenient = await new Fixture().Memory.ImportAsync(Scope, new MemoryStream(file), new MemoryImportOptions { MaxErrors = 1 });
        (lenient.Completed, lenient.Errors.Count).Should().Be((true, 1));
        lenient.Stored.Should().Be(2);
        (await f.Store.ListAsync(Scope)).Records.Select(static r => r.Id).Should().BeEquivalentTo("a", "b");
    }

    [Fact]
    public async Task Import_OfTheSameIdTwiceAndOfExpired_KeepsTheLastAndLeavesThemOut()
    {
        Fixture f = new();
        MemoryStream file = new([.. "\uFEFF{\"id\":\"a\",\"text\":\"one\"}\n{\"id\":\"a\",\"text\":\"two\"}\n{\"id\":\"c\",\"text\":\"over\",\"expires\":\"2020-01-01T00:00:00Z\",\"links\":[{\"relation\":\"Extends\",\"to\":\"a\"}]}\n"u8]);
        MemoryImportResult result = await f.Memory.ImportAsync(Scope, file);
        (result.Stored, result.Completed).Should().Be((2, true));
        (await f.Store.GetAsync(Scope, "a"))!.Text.Should().Be("two");
        (await f.Store.GetAsync(Scope, "c")).Should().BeNull();
        await FluentActions.Awaiting(() => f.Memory.ImportAsync(Scope, file, new MemoryImportOptions { FromLine = 0, MaxErrors = -1 })).Should().ThrowAsync<MemoryValidationException>().WithMessage("*from_line*max_errors*");
    }

    private static async Task<Fixture> FilledAsync(int count)
    {
        Fixture f = new();
        for (int i = 0; i < count; i++)
        {
            await f.Memory.StoreAsync(Scope, new MemoryRecord
            {
                Id = $"n{i:000}",
                Text = $"note {i} with \"quotes\" and 🌍 & <b>",
                Tags = i % 2 == 0 ? ["even"] : [],
                Importance = i / 1000.0,
                Metadata = i % 3 == 0 ? System.Text.Json.JsonDocument.Parse("{\"n\":9007199254740993,\"å\":[true,null,1e308]}").RootElement : null,
                Provenance = i % 5 == 0 ? new MemoryProvenance { Source = "user", Actor = "me", Evidence = ["a", "b"], Trust = 0.9 } : null,
                Expires = i % 7 == 0 ? f.Clock.GetUtcNow().AddDays(30) : null,
            });
            f.Clock.Advance(TimeSpan.FromMilliseconds(i % 3));
        }

        await f.Store.ExecuteAsync(new MemoryTransaction(Scope,
            [new MemoryPatch("n001") { Archived = true }, new MemoryLink("n000", MemoryRelation.Extends, "n002"), new MemoryLink("n002", MemoryRelation.Contradicts, "n000")]));
        return f;
    }

    private static MemoryStream Rewound(MemoryStream stream) => new(stream.ToArray());

    private sealed class Lines : IProgress<long>
    {
        public List<long> Seen { get; } = [];

        public void Report(long value) => Seen.Add(value);
    }
}
