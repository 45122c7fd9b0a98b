using System.Text;
using System.Text.Json;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Memories;
using Providers.AspNetCore.Reading;
using Providers.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Fuzz.Targets;

/// <summary>The place in a listing that a caller hands back: only a place that was given out for this scope and filter is taken.</summary>
internal sealed class Cursors : FuzzTarget
{
    private static readonly MemoryScope Scope = new("acme");
    private static readonly MemoryListOptions Options = new() { Filter = new MemoryFilter { Kinds = ["note"] } };
    private static readonly ListPlace[] Places = [new(638_000_000_000_000_000, "a"), new(639_000_000_000_000_000, "0199f2d0-7a69-7463-a397-72ac46e35ef2"), new(0, "x.y_z:1-2")];
    private readonly CursorCodec _codec = new([.. Enumerable.Range(0, 32).Select(static i => (byte)i)]);

    public Cursors() => Seeds = [.. Places.Select(p => Text(_codec.Write(p, Scope, Options)))];

    public override string Name => "cursor";

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override Task<bool> ReadAsync(byte[] input)
    {
        string cursor = Encoding.UTF8.GetString(input);
        try
        {
            Places.Should().Contain(_codec.Read(Scope, Options with { Cursor = cursor })!.Value, "only what was given out is taken back");
            FluentActions.Invoking(() => _codec.Read(new MemoryScope("umbrella"), Options with { Cursor = cursor })).Should().Throw<MemoryValidationException>();
            return Task.FromResult(true);
        }
        catch (MemoryValidationException)
        {
            return Task.FromResult(false);
        }
    }
}

/// <summary>A search as the REST door takes it, filter and all, carried out.</summary>
internal sealed class Searches : FuzzTarget
{
    private readonly IMemoryService _memory = new ServiceCollection().AddMemory().BuildServiceProvider().GetRequiredService<IMemoryService>();
    private readonly MemoryScope _scope = new("acme"), _other = new("umbrella");
    private bool _filled;

    public override string Name => "filter";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("""{"text":"tea without milk","mode":"hybrid","top":5,"min_score":0.1,"filter":{"ids":["a"],"kinds":["note"],"tags_any":["x","y"],"tags_all":["x"],"metadata":{"k":1,"s":"t","b":true},"source":"mail","created_from":"2026-01-01T00:00:00Z","created_before":"2027-01-01T00:00:00Z","updated_before":"2027-01-01T00:00:00+02:00","min_importance":0.5,"state":"any"},"explain":true}"""),
        Text("""{"text":"tea","mode":"keyword"}"""),
        Text("""{"vector":[0.1,0.2,0.3],"vector_space":"s","mode":"semantic","filter":{"state":"archived"}}"""),
    ];

    public override IReadOnlyList<string> Words => ["\"filter\":", "\"state\":\"active\"", "\"tenant\":\"umbrella\"", "\"metadata\":{\"k\":", "\"ids\":[", " OR ", "\\\"", "*", "NEAR(", "\"top\":"];

    public override async Task<bool> ReadAsync(byte[] input)
    {
        if (!_filled)
        {
            await _memory.StoreAsync(_scope, new MemoryRecord { Id = "a", Text = "Anna takes her tea without milk.", Tags = ["x"], Metadata = JsonDocument.Parse("""{"k":1,"s":"t","b":true}""").RootElement });
            await _memory.StoreAsync(_other, new MemoryRecord { Id = "secret", Text = "Tea is a secret without milk.", Tags = ["x"] });
            _filled = true;
        }

        try
        {
            MemoryQuery query = BodyMapping.Query(JsonText.Parse(input, MemoryJson.Default.SearchBody));
            IReadOnlyList<MemoryMatch> found = await _memory.SearchAsync(_scope, query);
            found.Where(static m => m.Record.Id != "a" || m.Score is not (>= 0 and <= 1)).Should().BeEmpty("only this tenant's memories are found, with a score");
            return true;
        }
        catch (Exception e) when (e is ApiException or MemoryValidationException)
        {
            return false;
        }
    }
}

/// <summary>A memory as the REST door takes it, stored.</summary>
internal sealed class MemoryBodies : FuzzTarget
{
    private readonly IMemoryService _memory = new ServiceCollection().AddMemory().BuildServiceProvider().GetRequiredService<IMemoryService>();
    private readonly MemoryScope _scope = new("acme");

    public override string Name => "json-memory";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("""{"text":"Anna takes her tea without milk.","kind":"note","tags":["tea","anna"],"metadata":{"a":1,"b":{"c":[1,2,3]}},"importance":0.7,"ttl_seconds":3600,"provenance":{"source":"mail","evidence":["x"],"trust":0.5}}"""),
        Text("""{"text":"y","expires_at":"2099-01-01T00:00:00Z","vector":[0.1,-0.2,3e-1],"vector_space":"s"}"""),
    ];

    public override IReadOnlyList<string> Words => ["\"text\":", "\"ttl_seconds\":", "\"metadata\":", "\"importance\":", "\"vector\":[", "\\u0000", "\"tags\":["];

    public override async Task<bool> ReadAsync(byte[] input)
    {
        try
        {
            MemoryRecord record = BodyMapping.Record(JsonText.Parse(input, MemoryJson.Default.MemoryBody), "fuzz", "actor", TimeProvider.System);
            await _memory.StoreAsync(_scope, record);
            MemoryRecord stored = (await _memory.Store.GetAsync(_scope, "fuzz"))!;
            stored.Text.Should().Be(record.Text);
            stored.Importance.Should().BeInRange(0, 1);
            return true;
        }
        catch (Exception e) when (e is ApiException or MemoryValidationException)
        {
            return false;
        }
    }
}

/// <summary>Lines of an export, as they are imported.</summary>
internal sealed class MemoryImports : FuzzTarget
{
    public override string Name => "ndjson-import";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("""
            {"id":"a","kind":"note","text":"Anna takes her tea without milk.","tags":["x"],"metadata":{"k":1},"importance":0.5,"created":"2026-11-26T06:09:42.5252737Z","updated":"2026-11-26T06:09:42.5252737Z","version":3}
            {"id":"b","text":"y","vector":"AAAAPwAAAD8=","vector_space":"s"}

            """),
    ];

    public override IReadOnlyList<string> Words => ["\n", "{\"id\":\"c\",\"text\":\"z\"}\n", "\"from\":\"a\"", "\"relation\":\"extends\"", "\"to\":\"b\"", "\"vector\":\"AAAA\""];

    public override async Task<bool> ReadAsync(byte[] input)
    {
        await using ServiceProvider services = new ServiceCollection().AddMemory().BuildServiceProvider();
        IMemoryService memory = services.GetRequiredService<IMemoryService>();
        MemoryScope scope = new("acme");
        using MemoryStream lines = new(input);
        MemoryImportResult result = await memory.ImportAsync(scope, lines, new MemoryImportOptions { MaxErrors = 3 });
        long count = (await memory.Store.GetStatsAsync(scope)).Count;
        count.Should().BeLessThanOrEqualTo(result.Stored);
        return result.Errors.Count == 0;
    }
}
