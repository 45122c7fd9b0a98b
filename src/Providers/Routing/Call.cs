using Microsoft.Extensions.AI;
using Providers.Canary;
using Providers.Plans;
using Providers.Selection;

namespace Providers.Routing;

/// <summary>One request on its way through a route: what it needs, what has been tried, and until when it may go on. Pooled.</summary>
internal sealed class Call
{
    private TargetNotes[] _notes = [];

    /// <summary>Targets not to be considered now: tried, skipped or ruled out.</summary>
    public TargetSet Done;

    public CompositePlan Plan { get; private set; } = null!;

    public RoutePlan Route { get; private set; } = null!;

    public RequestPreferences? Preferences { get; private set; }

    public CancellationToken Caller { get; private set; }

    public long Started { get; private set; }

    public long Deadline { get; private set; }

    /// <summary>Gets or sets the model a request named that no target is pinned to.</summary>
    public string? ModelOverride { get; set; }

    /// <summary>Gets or sets the side of its route's canary the request is on; <see langword="null"/> where there is no canary.</summary>
    public CanaryArm? Arm { get; set; }

    public ModelCapabilities Kind { get; private set; }

    public ModelCapabilities Needs { get; set; }

    public int Tokens { get; set; }

    /// <summary>Gets or sets what is reserved with the limits: the prompt, and the longest answer where the caller bounds it.</summary>
    public int ReservedTokens { get; set; }

    /// <summary>Gets or sets the context window a target must exceed, after a smaller one proved too small.</summary>
    public int ContextAbove { get; set; }

    /// <summary>Gets or sets the only vector space whose targets may serve; <see langword="null"/> for chat.</summary>
    public string? VectorSpace { get; set; }

    public int Attempts { get; set; }

    /// <summary>Gets or sets the target of the first attempt.</summary>
    public TargetPlan? FirstChoice { get; set; }

    /// <summary>Gets or sets a value indicating whether the request was served whole.</summary>
    public bool Served { get; set; }

    public int Retries { get; set; }

    public int BudgetTaken { get; set; }

    public List<TargetOutcome>? Trail { get; private set; }

    public Exception? FirstError { get; private set; }

    public Exception? LastError { get; private set; }

    public bool LocalOnly => Route.LocalOnly || Preferences is { LocalOnly: true };

    public bool FailoverDisabled => Preferences is { DisableFailover: true };

    public void Start(CompositePlan plan, RoutePlan route, RequestPreferences? preferences, ModelCapabilities kind, long now, long total, CancellationToken caller)
    {
        Plan = plan;
        Route = route;
        Preferences = preferences;
        Kind = kind;
        Started = now;
        Deadline = now + total;
        Caller = caller;
        if (_notes.Length < route.Targets.Length)
        {
            _notes = new TargetNotes[route.Targets.Length];
        }
    }

    public ref TargetNotes Notes(int index) => ref _notes[index];

    public void Record(TargetOutcome outcome, Exception error)
    {
        (Trail ??= []).Add(outcome);
        FirstError ??= error;
        LastError = error;
    }

    /// <summary>Forgets the request, so that nothing of it stays in memory.</summary>
    public void Clear()
    {
        _notes.AsSpan().Clear();
        Done.Clear();
        Plan = null!;
        Route = null!;
        Preferences = null;
        Caller = default;
        ModelOverride = null;
        Arm = null;
        Needs = ModelCapabilities.None;
        Tokens = 0;
        ReservedTokens = 0;
        ContextAbove = 0;
        VectorSpace = null;
        Attempts = 0;
        FirstChoice = null;
        Served = false;
        Retries = 0;
        BudgetTaken = 0;
        Trail = null;
        FirstError = null;
        LastError = null;
    }

    /// <summary>What a request remembers of one target.</summary>
    internal struct TargetNotes
    {
        public SkipReason Skipped;
        public ProviderFailure? Failure;
    }
}
