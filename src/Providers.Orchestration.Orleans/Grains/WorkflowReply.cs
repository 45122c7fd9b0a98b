using Orleans.Concurrency;

namespace Providers.Orchestration.Orleans;

/// <summary>What a workflow's grain answers: how it stands, or why that cannot be. Nothing of either: there is no such workflow.</summary>
[GenerateSerializer]
[Immutable]
[Alias("providers.workflow.reply")]
internal sealed class WorkflowReply
{
    public static readonly WorkflowReply None = new();

    /// <summary>Gets the workflow as JSON.</summary>
    [Id(0)]
    public byte[]? Snapshot { get; init; }

    /// <summary>Gets what is wrong with the definition.</summary>
    [Id(1)]
    public string[]? Errors { get; init; }

    /// <summary>Gets why it cannot be done as things stand.</summary>
    [Id(2)]
    public string? Conflict { get; init; }

    /// <summary>Gets a value indicating whether nothing was done because the workflow moves to another silo, so that asking again helps.</summary>
    [Id(3)]
    public bool Moves { get; init; }
}

/// <summary>How a wait ended.</summary>
internal enum WorkflowRest
{
    /// <summary>There is no such workflow.</summary>
    Missing,

    /// <summary>It goes on; ask again.</summary>
    Open,

    /// <summary>It moves to another silo; ask again soon.</summary>
    Moves,

    /// <summary>Nothing happens by itself any more.</summary>
    Rests,
}

/// <summary>What can be asked of a workflow.</summary>
internal enum WorkflowVerb
{
    Pause,
    Resume,
    Cancel,
}
