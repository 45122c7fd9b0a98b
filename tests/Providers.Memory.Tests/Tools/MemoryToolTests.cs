using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Providers.Tools;

namespace Providers.Memory.Tests.Tools;

/// <summary>The memory's tools as a model calls them, where time passes or others write between two calls.</summary>
public sealed class MemoryToolTests
{
    private static readonly MemoryScope Scope = new("acme");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly ServiceProvider _services;
    private Action<string> _before = static _ => { };

    public MemoryToolTests() => _services = new ServiceCollection()
        .AddSingleton<TimeProvider>(_clock)
        .AddSingleton(s => InterposedStore.Around(new InMemoryStore(null, _clock), name => _before(name)))
        .AddMemory()
        .BuildServiceProvider();

    [Fact]
    public void Tools_AreAsTheyAreDocumented() => Providers.Tests.ToolDocument.Check(_services.GetServices<IToolset>().Single());

    [Fact]
    public async Task Store_RepeatedLaterWithItsKey_GivesTheFirstResultThoughItCountsFromNow()
    {
        JsonElement first = await CallAsync("memory_store", """{"text":"the offer ends soon","expires_in_seconds":3600,"idempotency_key":"k"}""");
        _clock.Advance(TimeSpan.FromMinutes(5));
        JsonElement second = await CallAsync("memory_store", """{"text":"the offer ends soon","expires_in_seconds":3600,"idempotency_key":"k"}""");
        second.GetProperty("id").GetString().Should().Be(first.GetProperty("id").GetString());
        (await RefusedAsync("memory_store", """{"text":"the offer ends soon","expires_in_seconds":7200,"idempotency_key":"k"}""")).Should().Contain("used for other changes");
        (await Store.GetAsync(Scope, first.GetProperty("id").GetString()!))!.Expires.Should().Be(_clock.GetUtcNow().AddMinutes(55), "the first call's hour runs");
    }

    [Fact]
    public async Task Transaction_RepeatedLaterWithItsKey_GivesTheFirstResultThoughItCountsFromNow()
    {
        const string call = """{"operations":[{"op":"store","id":"a","text":"one","expires_in_seconds":60},{"op":"store","text":"two"}],"idempotency_key":"k"}""";
        JsonElement first = await CallAsync("memory_transaction", call);
        _clock.Advance(TimeSpan.FromSeconds(30));
        JsonElement second = await CallAsync("memory_transaction", call);
        (first.GetProperty("replayed").GetBoolean(), second.GetProperty("replayed").GetBoolean()).Should().Be((false, true));
        second.GetProperty("outcomes").GetRawText().Should().Be(first.GetProperty("outcomes").GetRawText());
        (await RefusedAsync("memory_transaction", """{"operations":[{"op":"store","id":"a","text":"one"}],"idempotency_key":"k"}""")).Should().Contain("used for other changes");
    }

    [Fact]
    public async Task List_WhileAMemoryOfThePageIsDeleted_LeavesNoneOut()
    {
        for (int i = 0; i < 12; i++)
        {
            await CallAsync("memory_store", $$"""{"text":"{{new string((char)('a' + i), 200)}}"}""");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        string[] ids = [.. (await Store.ListAsync(Scope)).Records.Select(static r => r.Id)];
        int listings = 0;
        _before = name =>
        {
            if (name == nameof(IMemoryStore.ListAsync) && ++listings == 2)
            {
                Store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryDelete(ids[1])])).AsTask().GetAwaiter().GetResult();
            }
        };
        List<string> seen = [];
        for (string? cursor = ""; cursor is not null;)
        {
            JsonElement page = await CallAsync("memory_list", cursor is "" ? """{"max_tokens":500,"limit":10}""" : $$"""{"max_tokens":500,"limit":10,"cursor":"{{cursor}}"}""");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(static i => i.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next_cursor", out JsonElement next) ? next.GetString() : null;
        }

        listings.Should().BeGreaterThan(2, "a page does not fit, so it is asked for again");
        seen.Should().OnlyHaveUniqueItems().And.Contain(ids.Except([ids[1]]));
    }

    private IMemoryStore Store => _services.GetRequiredService<IMemoryStore>();

    private async Task<JsonElement> CallAsync(string tool, string arguments) => (JsonElement)(await InvokeAsync(tool, arguments))!;

    private async Task<string> RefusedAsync(string tool, string arguments) => (string)(await InvokeAsync(tool, arguments))!;

    private async Task<object?> InvokeAsync(string tool, string arguments)
    {
        ToolCaller caller = new("acme") { Scopes = new HashSet<string> { "memory:read", "memory:write" } };
        AIFunction function = _services.GetServices<IToolset>().Single().ForChat(caller).OfType<AIFunction>().Single(f => f.Name == tool);
        return await function.InvokeAsync(new AIFunctionArguments(JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments)!));
    }
}
