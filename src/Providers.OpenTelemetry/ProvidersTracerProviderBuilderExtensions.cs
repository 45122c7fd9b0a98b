using Providers.OpenTelemetry;

namespace OpenTelemetry.Trace;

/// <summary>Adds the suite's traces.</summary>
public static class ProvidersTracerProviderBuilderExtensions
{
    /// <summary>Collects the spans of every package of the suite that runs in this process: one a request, one an attempt, and those of the stores and doors.</summary>
    /// <param name="builder">OpenTelemetry's builder.</param>
    /// <returns>The builder.</returns>
    public static TracerProviderBuilder AddProvidersInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(Instrumentation.Names);
    }
}
