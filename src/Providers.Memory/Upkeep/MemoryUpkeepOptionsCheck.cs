using Microsoft.Extensions.Options;

namespace Providers.Memory;

/// <summary>Refuses options out of their range, all at once.</summary>
internal sealed class MemoryUpkeepOptionsCheck : IValidateOptions<MemoryUpkeepOptions>
{
    public ValidateOptionsResult Validate(string? name, MemoryUpkeepOptions options)
    {
        List<string> errors = [];
        if (options.Interval < TimeSpan.FromSeconds(1) || options.Interval > TimeSpan.FromDays(7))
        {
            errors.Add($"Interval is {options.Interval}; 00:00:01 to 7.00:00:00 is allowed.");
        }

        if (options.ArchiveAfter <= TimeSpan.Zero)
        {
            errors.Add($"ArchiveAfter is {options.ArchiveAfter}; it must be more than zero.");
        }

        if (options.PurgeArchivedAfter <= TimeSpan.Zero)
        {
            errors.Add($"PurgeArchivedAfter is {options.PurgeArchivedAfter}; it must be more than zero.");
        }

        if (!(options.ArchiveBelowImportance >= 0))
        {
            errors.Add($"ArchiveBelowImportance is {options.ArchiveBelowImportance}; it must be at least 0.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
