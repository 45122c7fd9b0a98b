using System.Text.Json.Serialization;
using Providers.AspNetCore.Documents;
using Providers.AspNetCore.Health;
using Providers.AspNetCore.Status;

namespace Providers.AspNetCore.Admin;

/// <summary>A list with room for more beside it.</summary>
internal sealed record ProviderListView(IReadOnlyList<ProviderView> Providers);

/// <summary>A provider as an operator sees it.</summary>
internal sealed record ProviderView(string Name, string Kind, string Health, bool Draining, int InFlight, IReadOnlyList<TargetView> Targets)
{
    public string? Endpoint { get; init; }

    public bool Local { get; init; }

    public string? HealthDetail { get; init; }

    public IReadOnlyList<string> Models { get; init; } = [];
}

/// <summary>One model of a provider, with its live numbers.</summary>
internal sealed record TargetView(string Provider, string? Model, string Circuit, int InFlight, long Successes, long Failures)
{
    public double? RetryAfterSeconds { get; init; }

    public double? LatencyMs { get; init; }

    public string? LastFailure { get; init; }
}

internal sealed record RouteListView(IReadOnlyList<RouteView> Routes);

/// <summary>A route, and where its next request would go.</summary>
/// <param name="ServesNow">The target that would be tried first, as <c>provider/model</c>; null: none can take a request.</param>
internal sealed record RouteView(string Name, string Policy, bool Default, string? ServesNow, IReadOnlyList<RouteTargetView> Targets)
{
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    public CanaryView? Canary { get; init; }
}

/// <summary>A target that takes a growing share of a route, compared with the others as it does.</summary>
internal sealed record CanaryView(string Target, string Phase, double Weight, bool Shadow, string? PausedFor, string Evidence)
{
    /// <summary>Gets the last decisions, newest first.</summary>
    public IReadOnlyList<CanaryDecisionView> Decisions { get; init; } = [];
}

internal sealed record CanaryDecisionView(DateTimeOffset At, string Action, string Reason, double FromWeight, double ToWeight);

/// <summary>Whether a target would be tried, and why.</summary>
internal sealed record RouteTargetView(string Provider, string? Model, bool Usable, string Reason);

/// <summary>Which of a provider's models a verb is about; without it, all.</summary>
internal sealed record ProviderVerbRequest
{
    public string? Model { get; init; }
}

/// <summary>How the operators' bodies are read and written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    MaxDepth = 16)]
[JsonSerializable(typeof(ProviderListView))]
[JsonSerializable(typeof(RouteListView))]
[JsonSerializable(typeof(ProviderVerbRequest))]
[JsonSerializable(typeof(ApiKeyRequest))]
[JsonSerializable(typeof(ApiKeyListView))]
[JsonSerializable(typeof(IssuedKeyView))]
[JsonSerializable(typeof(RotateRequest))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(ProblemTypeListView))]
internal sealed partial class AdminJson : JsonSerializerContext;
