using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;

namespace Providers.Tests.Configuration;

/// <summary>A rolling change of configuration under load: weights, a new provider, a rotated key, a removed provider. No request may notice.</summary>
public sealed class LiveChangeTests
{
    private const int Rounds = 60;

    [Fact]
    public async Task RollingChange_UnderLoad_FailsNoRequest()
    {
        FakeFactory factory = new();
        EditableSource source = new();
        foreach (string name in (string[])["a", "b"])
        {
            source.Data[$"Providers:{name}:Kind"] = "Fake";
            source.Data[$"Providers:{name}:Key"] = "0";
        }

        source.Data["Health:Enabled"] = "false";
        source.Data["Routes:r:Policy"] = "Weighted";
        source.Data["Routes:r:Targets:0:Provider"] = "a";
        source.Data["Routes:r:Targets:1:Provider"] = "b";
        ServiceCollection services = new();
        services.AddSingleton<IProviderFactory>(factory);
        services.AddCompositeProvider(new ConfigurationBuilder().Add(source).Build());
        ServiceProvider provider = services.BuildServiceProvider();
        IChatClient chat = provider.GetRequiredService<IChatClient>();
        using CancellationTokenSource stop = new();
        ConcurrentDictionary<string, int> served = new();
        int count = 0;
        Task[] load = [.. Enumerable.Range(0, 3).Select(i => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                ChatResponse response = i == 0
                    ? await chat.GetStreamingResponseAsync("hi").ToChatResponseAsync()
                    : await chat.GetResponseAsync("hi");
                served.AddOrUpdate(response.GetProvider()!, 1, static (_, n) => n + 1);
                Interlocked.Increment(ref count);
            }
        }))];
        for (int round = 0; round < Rounds; round++)
        {
            await ServeAsync(50);
            source.Edit(d => d["Routes:r:Targets:0:Weight"] = $"{(round % 9) + 1}");
            await ServeAsync(50);
            source.Edit(static d =>
            {
                d["Providers:c:Kind"] = "Fake";
                d["Routes:r:Targets:2:Provider"] = "c";
            });
            await ServeAsync(50);
            source.Edit(d => d["Providers:b:Key"] = $"{round + 1}");
            await ServeAsync(50);
            source.Edit(static d =>
            {
                d.Remove("Providers:c:Kind");
                d.Remove("Routes:r:Targets:2:Provider");
            });
        }

        await stop.CancelAsync();
        await Task.WhenAll(load); // a request that failed throws here
        served.Keys.Should().BeEquivalentTo("a", "b", "c");
        await provider.DisposeAsync();
        factory.Made.Should().HaveCount(2 + (2 * Rounds)).And.OnlyContain(static p => p.Disposals == 1, "each is disposed once, after its last request");

        async Task ServeAsync(int more)
        {
            int until = Volatile.Read(ref count) + more;
            while (Volatile.Read(ref count) < until && !load.Any(static t => t.IsFaulted))
            {
                await Task.Yield();
            }
        }
    }

    private sealed class EditableSource : ConfigurationProvider, IConfigurationSource
    {
        public new IDictionary<string, string?> Data => base.Data;

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Edit(Action<IDictionary<string, string?>> change)
        {
            // A new dictionary, as a file's reload makes one: readers of the old one are not disturbed.
            Dictionary<string, string?> next = new(base.Data, StringComparer.OrdinalIgnoreCase);
            change(next);
            base.Data = next;
            OnReload();
        }
    }
}
