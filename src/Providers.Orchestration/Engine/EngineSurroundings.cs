using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Providers.Orchestration;

/// <summary>What an engine takes from its host.</summary>
internal sealed record EngineSurroundings(TimeProvider Clock, ILogger Log)
{
    public static EngineSurroundings Of(TimeProvider? clock, ILoggerFactory? logs) => new(clock ?? TimeProvider.System, (ILogger?)logs?.CreateLogger<WorkflowEngine>() ?? NullLogger.Instance);
}
