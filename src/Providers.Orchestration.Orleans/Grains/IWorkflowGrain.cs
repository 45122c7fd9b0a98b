using Orleans.Concurrency;

namespace Providers.Orchestration.Orleans;

/// <summary>One workflow; the grain's key is its id. Everything that crosses hosts is JSON, so that hosts of two versions can live in one cluster.</summary>
[Alias("providers.workflow")]
internal interface IWorkflowGrain : IGrainWithStringKey
{
    /// <summary>Starts the workflow, or shows the one that was started by the same id. Repeating it is safe.</summary>
    [Alias("start")]
    Task<WorkflowReply> StartAsync(string tenant, byte[] definition, string? actor);

    [AlwaysInterleave]
    [Alias("get")]
    Task<WorkflowReply> GetAsync(string tenant);

    /// <summary>Waits for a while until nothing happens by itself any more. A call that a stopping silo lost is given up soon, and made again.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    [Alias("wait")]
    Task<WorkflowRest> WaitAsync(string tenant);

    [AlwaysInterleave]
    [Alias("change")]
    Task<WorkflowReply> ChangeAsync(string tenant, WorkflowVerb verb, string? actor);

    /// <summary>The last events, as JSON.</summary>
    [AlwaysInterleave]
    [Alias("history")]
    Task<byte[]> HistoryAsync(string tenant);

    /// <summary>Removes the workflow where its time has come; <see langword="true"/>: the tenant's list need not keep that place any more.</summary>
    [Alias("forget")]
    Task<bool> ForgetAsync(long place);
}
