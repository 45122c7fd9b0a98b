using Providers.Conformance.Orchestration;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>A stage for one test in a cluster: tenants and actors of its own.</summary>
internal sealed class ClusterStage : IWorkflowStage
{
    private static int s_stages;
    private readonly Cluster _cluster;
    private readonly bool _owns;

    public ClusterStage(Cluster cluster, FakeTimeProvider time, bool owns)
    {
        _cluster = cluster;
        _owns = owns;
        Time = time;
        Tenant = $"tenant-{Interlocked.Increment(ref s_stages)}";
        OtherTenant = Tenant + "-other";
        cluster.Share(Tenant, Actors);
        cluster.Share(OtherTenant, Actors);
    }

    public IWorkflowEngine Engine => _cluster.Engine;

    public FakeTimeProvider Time { get; }

    public Actors Actors { get; } = new();

    public string Tenant { get; }

    public string OtherTenant { get; }

    public Task ChangeHostAsync(string workflowId) => _cluster.ReplaceHostAsync(workflowId);

    public ValueTask DisposeAsync() => _owns ? _cluster.DisposeAsync() : ValueTask.CompletedTask;
}
