using Providers.Testing.Wall;

namespace Providers.Testing;

/// <summary>One scenario of the wall. Immutable.</summary>
public sealed class FaultWallScenario
{
    internal FaultWallScenario(string id, string title, string pass, Func<WallEvidence, FaultWallResult> judge)
    {
        Id = id;
        Title = title;
        Pass = pass;
        Judge = judge;
    }

    /// <summary>Gets the id, <c>S01</c> to <c>S30</c>. The model name <c>fault:S01</c> lets any server of this package show the same fault.</summary>
    public string Id { get; }

    /// <summary>Gets what goes wrong at the first target.</summary>
    public string Title { get; }

    /// <summary>Gets what passing means.</summary>
    public string Pass { get; }

    /// <summary>Gets what the subject should be configured with.</summary>
    public FaultWallNeeds Needs { get; internal init; } = new();

    /// <summary>Gets the number of calls, one after the other.</summary>
    public int Calls { get; internal init; } = 1;

    /// <summary>Gets a value indicating whether the calls are for embeddings instead of chat.</summary>
    public bool Embeds { get; internal init; }

    /// <summary>Gets a value indicating whether the chat calls are streamed; a run may say otherwise.</summary>
    public bool Streaming { get; internal init; } = true;

    internal TimeSpan Interval { get; init; }

    internal bool WithTools { get; init; }

    internal IReadOnlyList<TargetSpec> Targets { get; init; } = [];

    internal Func<WallEvidence, FaultWallResult> Judge { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Title}";
}
