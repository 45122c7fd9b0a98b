using Providers.Plans;

namespace Providers.Streaming;

/// <summary>The failures a stream can show by itself, whatever its client reports.</summary>
internal static class StreamFailures
{
    public static ProviderException Create(TargetPlan target, FailureKind kind, string message) =>
        new(new ProviderFailure(kind, message), target.Provider.Name, target.ModelId);

    public static ProviderException EndedEarly(TargetPlan target, string when) => Create(
        target, FailureKind.ConnectionLost, $"The stream ended {when} without a finish reason: it was cut, whatever the client reports.");
}
