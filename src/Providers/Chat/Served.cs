using Providers.Plans;
using Providers.Routing;

namespace Providers.Chat;

/// <summary>Who served a call, kept apart from the call, which is reused.</summary>
internal readonly struct Served(Call call, TargetPlan target)
{
    public string Provider { get; } = target.Provider.Name;

    public string? Model { get; } = target.ModelId ?? call.ModelOverride;

    public int Attempts { get; } = call.Attempts;

    public List<TargetOutcome>? Trail { get; } = call.Trail;
}
