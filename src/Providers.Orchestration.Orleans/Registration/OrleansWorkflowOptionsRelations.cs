using Microsoft.Extensions.Options;
using Orleans.Hosting;

namespace Providers.Orchestration.Orleans;

/// <summary>What our options must be to fit those of Orleans.</summary>
internal sealed class OrleansWorkflowOptionsRelations(IOptions<ReminderOptions> reminders) : IValidateOptions<OrleansWorkflowOptions>
{
    public ValidateOptionsResult Validate(string? name, OrleansWorkflowOptions options)
    {
        TimeSpan least = reminders.Value.MinimumReminderPeriod;
        return TimeSpan.FromSeconds(options.ReminderSeconds) >= least ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"OrleansWorkflowOptions.ReminderSeconds is {options.ReminderSeconds}, less than the {least} that ReminderOptions.MinimumReminderPeriod allows; raise the one or lower the other.");
    }
}
