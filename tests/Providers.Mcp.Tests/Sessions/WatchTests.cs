using Providers.Mcp.Resources;
using Providers.Mcp.Tests.Support;
using Providers.Tools;

namespace Providers.Mcp.Tests.Sessions;

/// <summary>Who watches what, and for how long that is kept.</summary>
public sealed class WatchTests
{
    private readonly ResourceWatch _watch = new();
    private readonly List<string> _told = [];

    [Theory]
    [InlineData("memory://default/a:b")]
    [InlineData("memory://default/a%3Ab")]
    [InlineData("MEMORY://default/a:b")]
    public void Address_HoweverItIsWritten_IsHeardOfAsItWas(string uri)
    {
        Add("acme", uri, "w");
        Change("acme", "a:b");
        _told.Should().Equal($"w {uri}");
        _watch.Remove("acme", uri, "w");
        Change("acme", "a:b");
        (_told.Count, _watch.Count).Should().Be((1, 0));
    }

    [Fact]
    public void Change_IsToldToThoseOfThatTenantWhoWatchIt_EachOnce()
    {
        Add("acme", "memory://default/a", "one");
        Add("acme", "memory://default/a", "one");
        Add("acme", "memory://default", "two");
        Add("acme", "memory://default/b", "three");
        Add("umbrella", "memory://default/a", "four");
        _watch.Count.Should().Be(4);
        Change("acme", "a");
        _told.Should().BeEquivalentTo("one memory://default/a", "two memory://default");
    }

    [Fact]
    public void Watchers_AsManyAsThereMayBe_AreBoundedAndMakeRoomWhenTheyGo()
    {
        for (int i = 0; i < ResourceWatch.Most; i++)
        {
            Add("acme", $"memory://default/{i}", i % 2 == 0 ? "even" : "odd");
        }

        FluentActions.Invoking(() => Add("acme", "memory://default/more", "late")).Should().Throw<ToolException>().WithMessage($"This server watches {ResourceWatch.Most} resources already*");
        Add("acme", "memory://default/0", "even"); // is there already
        _watch.Forget("odd");
        _watch.Count.Should().Be(ResourceWatch.Most / 2);
        Add("acme", "memory://default/more", "late");
        Change("acme", "1");
        Change("acme", "2");
        Change("acme", "more");
        _told.Should().Equal("even memory://default/2", "late memory://default/more");
    }

    [Fact]
    public async Task Watcher_WhoseSessionHasGone_IsForgottenWhenItIsToldNoMore()
    {
        _watch.Add("acme", "memory://default/a", "gone", static _ => throw new IOException("The pipe is broken."));
        Change("acme", "a");
        await Task.Yield();
        _watch.Count.Should().Be(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Session_ThatEnds_LeavesNoWatcherBehind(bool says)
    {
        await using HttpHost host = await HttpHost.StartAsync();
        ResourceWatch watch = host.Services.GetRequiredService<ResourceWatch>();
        await using (McpClient stays = await host.ConnectAsync(new McpClientOptions { ProtocolVersion = "2025-11-25" }))
        {
            await stays.SubscribeToResourceAsync("memory://default");
            McpClient goes = await host.ConnectAsync(new McpClientOptions { ProtocolVersion = says ? "2025-11-25" : "2026-07-28" });
            await using (Watch watched = await Watch.StartAsync(goes, "memory://default/x"))
            {
                watch.Count.Should().Be(2);
                await goes.DisposeAsync();
                await UntilAsync(watch, 1);
            }
        }

        await UntilAsync(watch, 0);
    }

    private static async Task UntilAsync(ResourceWatch watch, int count)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        while (watch.Count != count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token); // the server hears of an end beside what the client does
        }
    }

    private void Add(string tenant, string uri, string watcher) => _watch.Add(tenant, uri, watcher, changed =>
    {
        _told.Add($"{watcher} {changed}");
        return default;
    });

    private void Change(string tenant, string id) => _watch.Changed(tenant, JsonElement.Parse($$"""{"namespace":"default","id":"{{id}}"}"""));
}
