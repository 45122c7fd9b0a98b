using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Providers.Orchestration.Orleans;

/// <summary>How a cluster runs workflows. How steps run is said by <see cref="WorkflowOptions"/>, whose <see cref="WorkflowOptions.MaxOpenWorkflows"/> and <see cref="WorkflowOptions.MaxRunningSteps"/> hold for each silo.</summary>
public sealed class OrleansWorkflowOptions
{
    /// <summary>The name of the grain storage in which workflows are kept; every silo must have one of that name.</summary>
    public const string StorageName = "workflows";

    /// <summary>Gets or sets how often each open workflow is looked after: a workflow whose silo died goes on elsewhere after the cluster has noticed that, and this time, at the latest.</summary>
    /// <value>1 to 86,400 seconds, and not less than <c>ReminderOptions.MinimumReminderPeriod</c> of Orleans. Default: 60, which is also the default of Orleans' minimum.</value>
    [Range(1, 86_400)]
    public int ReminderSeconds { get; set; } = 60;
}

[OptionsValidator]
internal sealed partial class OrleansWorkflowOptionsValidator : IValidateOptions<OrleansWorkflowOptions>;
