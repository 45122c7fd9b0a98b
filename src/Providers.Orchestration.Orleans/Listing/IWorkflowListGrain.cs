using Orleans.Concurrency;

namespace Providers.Orchestration.Orleans;

/// <summary>The workflows of one tenant; the grain's key is the tenant.</summary>
[Alias("providers.workflows")]
internal interface IWorkflowListGrain : IGrainWithStringKey
{
    /// <summary>Gives a workflow that is about to be written a place. It is shown once the workflow refers to that place, and forgotten if it never does.</summary>
    [Alias("add")]
    Task<long> AddAsync(string id);

    /// <summary>Workflows behind a place, oldest first.</summary>
    [Alias("list")]
    Task<WorkflowListReply> ListAsync(long after, int limit);
}

/// <summary>A part of a tenant's list.</summary>
[GenerateSerializer]
[Immutable]
[Alias("providers.workflows.reply")]
internal sealed class WorkflowListReply
{
    /// <summary>Gets the workflows as JSON, without outputs.</summary>
    [Id(0)]
    public byte[] Workflows { get; init; } = [];

    /// <summary>Gets the place of the last one; <see langword="null"/>: there are no more.</summary>
    [Id(1)]
    public long? After { get; init; }
}
