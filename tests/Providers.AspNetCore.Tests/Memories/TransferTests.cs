using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Tests.Support;
using Providers.Memory;

namespace Providers.AspNetCore.Tests.Memories;

/// <summary>Exports that break and imports that are at fault.</summary>
public sealed class TransferTests
{
    [Fact]
    public async Task Export_StoreFailsBeforeAnythingWasSent_IsAnErrorThatCanBeRead()
    {
        await using GatewayHost host = await HostAsync(count: 2, text: "short");
        using HttpResponseMessage response = await host.PostAsync("/v1/memories:export", "{}");
        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        (await ReadAsync(response)).GetProperty("code").GetString().Should().Be("store_unavailable");
    }

    [Fact]
    public async Task Export_OfMoreThanIsHeldAtOnce_SendsEveryLineOnce()
    {
        await using GatewayHost host = await HostAsync(count: 20, text: new string('x', 40_000), fails: false);
        using HttpResponseMessage response = await host.PostAsync("/v1/memories:export", "{}");
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/x-ndjson");
        (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static l => JsonDocument.Parse(l).RootElement.GetProperty("id").GetString()).Should().Equal(Enumerable.Range(0, 20).Select(static i => $"m{i}"));
    }

    [Fact]
    public async Task Export_StoreFailsInTheMiddle_DoesNotLookWhole()
    {
        await using GatewayHost host = await HostAsync(count: 8, text: new string('x', 40_000));
        using HttpResponseMessage response = await host.PostAsync("/v1/memories:export", "{}");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        await FluentActions.Awaiting(() => response.Content.ReadAsStringAsync()).Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task Import_TwoLinesAtFault_NamesTheFirstAndKeepsWhatStoodBeforeIt()
    {
        await using GatewayHost host = await FullHost.StartAsync();
        using HttpResponseMessage response = await ImportAsync(host, string.Join('\n', Line("a"), Line("b", importance: "7"), Line("c"), "{ broken"));
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        JsonElement problem = await ReadAsync(response);
        problem.GetProperty("code").GetString().Should().Be("validation_failed");
        problem.GetProperty("detail").GetString().Should().StartWith("Line 2: ").And.EndWith(" 1 memories are stored; correct the line and go on with from_line=2.");
        (await host.Services.GetRequiredService<IMemoryStore>().ListAsync(new MemoryScope("default"))).Records.Select(static r => r.Id).Should().Equal("a");
    }

    [Fact]
    public async Task Import_OfAFileWithTheLineEndsOfWindows_PassesOverEmptyLines()
    {
        await using GatewayHost host = await FullHost.StartAsync();
        using HttpResponseMessage response = await ImportAsync(host, $"{Line("a")}\r\n\r\n{Line("b")}\r\n \t\r\n");
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        (await ReadAsync(response)).GetProperty("imported").GetInt64().Should().Be(2);
    }

    private static string Line(string id, string importance = "0.5") =>
        $$"""{"id":"{{id}}","kind":"note","text":"line {{id}}","tags":[],"importance":{{importance}},"created_at":"2020-01-01T00:00:00Z","updated_at":"2020-01-01T00:00:00Z","version":1}""";

    private static Task<HttpResponseMessage> ImportAsync(GatewayHost host, string lines) =>
        host.Client.PostAsync(new Uri("/v1/memories:import", UriKind.Relative), new StringContent(lines, Encoding.UTF8, "application/x-ndjson"));

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    private static Task<GatewayHost> HostAsync(int count, string text, bool fails = true)
    {
        IMemoryStore store = DispatchProxy.Create<IMemoryStore, OnlyOne>();
        ((OnlyOne)(object)store).Answers[nameof(IMemoryStore.ReadAllAsync)] = () => ReadAsync(count, text, fails);
        IMemoryService service = DispatchProxy.Create<IMemoryService, OnlyOne>();
        ((OnlyOne)(object)service).Answers["get_Store"] = () => store;
        return GatewayHost.StartAsync([], build: b => b.Services.AddSingleton(service), map: static app => app.MapMemory());
    }

    private static async IAsyncEnumerable<MemoryRecord> ReadAsync(int count, string text, bool fails)
    {
        for (int i = 0; i < count; i++)
        {
            yield return new MemoryRecord { Id = $"m{i}", Kind = "note", Text = text };
            await Task.Yield();
        }

        if (fails)
        {
            throw new MemoryUnavailableException("gone");
        }
    }

    /// <summary>Answers what it was given an answer for.</summary>
#pragma warning disable CA1852 // the proxy derives from it
    private class OnlyOne : DispatchProxy
#pragma warning restore CA1852
    {
        public Dictionary<string, Func<object>> Answers { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answers[targetMethod!.Name]();
    }
}
