namespace Providers.Orchestration.Orleans.Tests;

/// <summary>Two silos for the tests of one class, and the clock their workflows go by.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    internal Cluster Cluster { get; private set; } = null!;

    internal FakeTimeProvider Time { get; } = NewTime();

    internal static FakeTimeProvider NewTime() => new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));

    public async ValueTask InitializeAsync() => Cluster = await Cluster.StartAsync(new ClusterSetup(2) { Time = Time });

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
