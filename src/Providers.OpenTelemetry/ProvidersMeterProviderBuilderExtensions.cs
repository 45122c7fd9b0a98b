using Providers.OpenTelemetry;

namespace OpenTelemetry.Metrics;

/// <summary>Adds the suite's metrics.</summary>
public static class ProvidersMeterProviderBuilderExtensions
{
    /// <summary>Collects the metrics of every package of the suite that runs in this process. Their histograms bring their own buckets.</summary>
    /// <remarks>
    /// The meter <c>Providers</c> has those of the router and the doors; <c>Providers.Memory</c> has <c>memory.operations.duration</c> (s; op, store, outcome), <c>memory.search.recall</c>
    /// (0 to 1; store), <c>memory.embedding.backlog</c> (memories) and <c>memory.backup.last_success</c> (seconds since 1970).
    /// </remarks>
    /// <param name="builder">OpenTelemetry's builder.</param>
    /// <returns>The builder.</returns>
    public static MeterProviderBuilder AddProvidersInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(Instrumentation.Names);
    }
}
