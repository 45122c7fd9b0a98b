using Microsoft.Extensions.AI;

namespace Providers.Testing.Wall;

/// <summary>What the caller got from one call.</summary>
internal sealed record WallCall(DateTimeOffset Start)
{
    public string Text { get; init; } = "";

    public IReadOnlyList<FunctionCallContent> ToolCalls { get; init; } = [];

    public UsageDetails? Usage { get; init; }

    public string? ModelId { get; init; }

    public IReadOnlyList<float[]>? Vectors { get; init; }

    public Exception? Error { get; init; }

    public bool Hung { get; init; }

    public TimeSpan Elapsed { get; init; }

    public bool IsExact => Error is null && Text == CanonicalAnswer.Text;

    /// <summary>The provider's exception, wherever it is wrapped.</summary>
    public ProviderException? ProviderError
    {
        get
        {
            Exception? e = Error;
            while (e is not (null or ProviderException))
            {
                e = e.InnerException;
            }

            return e as ProviderException;
        }
    }
}

/// <summary>Both views of a scenario: what the caller got and what the wire saw.</summary>
internal sealed record WallEvidence(FaultWallNeeds Needs, IReadOnlyList<WallCall> Calls, IReadOnlyList<IReadOnlyList<LoggedRequest>> Targets, TimeSpan Slack, bool Streaming)
{
    public const string Question = "Fault wall: say the sixty tokens.";

    public static IReadOnlyList<string> Texts { get; } = ["fault wall: one", "fault wall: two", "fault wall: three"];

    /// <summary>How long a silent first target may hold a call up: a whole answer shows no first content.</summary>
    public TimeSpan FirstContent => Streaming ? Needs.FirstContentTimeout : Needs.AttemptTimeout;

    public TimeSpan Gap => Streaming ? Needs.GapTimeout : Needs.AttemptTimeout;

    public IReadOnlyList<LoggedRequest> First => Targets[0];
}
