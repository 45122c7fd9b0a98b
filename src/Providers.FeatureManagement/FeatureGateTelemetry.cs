using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Providers.FeatureManagement;

/// <summary>Tells of flags that nobody defined and of flags that cannot be read. The names are those of the configuration, so they are few.</summary>
internal sealed class FeatureGateTelemetry
{
    private readonly ILogger _log;
    private readonly Counter<long> _unknown;
    private readonly Counter<long> _failures;

    public FeatureGateTelemetry(IServiceProvider services)
    {
        _log = services.GetService<ILoggerFactory>()?.CreateLogger("Providers.FeatureManagement") ?? NullLogger.Instance;
        Meter meter = services.GetService<IMeterFactory>()?.Create("Providers") ?? new Meter("Providers");
        _unknown = meter.CreateCounter<long>("feature.unknown", "{flag}", "Gates whose flag nobody has defined, once for each change to that.");
        _failures = meter.CreateCounter<long>("feature.failures", "{evaluation}", "Flags that could not be evaluated.");
    }

    public void Unknown(string flag, bool open)
    {
        _unknown.Add(1, new KeyValuePair<string, object?>("flag", flag));
        _log.UnknownFlag(flag, open ? "open" : "closed");
    }

    public void Failed(string flag, bool open, Exception error)
    {
        _failures.Add(1, new KeyValuePair<string, object?>("flag", flag));
        _log.FlagFailed(flag, open ? "open" : "closed", error);
    }
}
