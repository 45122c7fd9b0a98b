using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Providers.Orchestration;

/// <summary>How workflows are run.</summary>
public sealed class WorkflowOptions
{
    /// <summary>Gets or sets how many steps of one workflow may run at a time.</summary>
    /// <value>1 to 50. Default: 8.</value>
    [Range(1, 50)]
    public int MaxParallelSteps { get; set; } = 8;

    /// <summary>Gets or sets how many steps of all workflows together may run at a time; more wait.</summary>
    /// <value>1 to 1,000. Default: 32.</value>
    [Range(1, 1_000)]
    public int MaxRunningSteps { get; set; } = 32;

    /// <summary>Gets or sets how many workflows may be open, running or paused, in this process; starting one more is refused.</summary>
    /// <value>1 to 100,000. Default: 1,000.</value>
    [Range(1, 100_000)]
    public int MaxOpenWorkflows { get; set; } = 1_000;

    /// <summary>Gets or sets the largest definition, and the largest output of a step, in bytes of JSON.</summary>
    /// <value>1,024 to 4,194,304. Default: 262,144.</value>
    [Range(1_024, 4_194_304)]
    public int DocumentBytes { get; set; } = 262_144;

    /// <summary>Gets or sets how many days a workflow is kept after it has ended, and a plan after it was made.</summary>
    /// <value>1 to 3,650. Default: 30.</value>
    [Range(1, 3_650)]
    public int RetentionDays { get; set; } = 30;

    /// <summary>Gets or sets how long the host waits, when it stops, for steps that were told to stop; one that does not heed its token is left, and runs again.</summary>
    /// <value>1 to 600 seconds. Default: 10.</value>
    [Range(1, 600)]
    public int StopSeconds { get; set; } = 10;
}

[OptionsValidator]
internal sealed partial class WorkflowOptionsValidator : IValidateOptions<WorkflowOptions>;
