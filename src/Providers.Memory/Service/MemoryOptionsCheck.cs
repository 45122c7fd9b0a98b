using Microsoft.Extensions.Options;

namespace Providers.Memory;

/// <summary>Refuses options out of their range, all at once.</summary>
internal sealed class MemoryOptionsCheck : IValidateOptions<MemoryOptions>
{
    public ValidateOptionsResult Validate(string? name, MemoryOptions options)
    {
        List<string> errors = [];
        Share(errors, nameof(options.DuplicateSimilarity), options.DuplicateSimilarity, 0.5);
        Share(errors, nameof(options.RecencyWeight), options.RecencyWeight, 0);
        Share(errors, nameof(options.ImportanceWeight), options.ImportanceWeight, 0);
        Share(errors, nameof(options.Variety), options.Variety, 0);
        Range(errors, nameof(options.RerankCandidates), options.RerankCandidates, 0, 200);
        Share(errors, nameof(options.MinTrust), options.MinTrust, 0);
        Range(errors, nameof(options.SourceQuota), options.SourceQuota, 0, 1_000_000);
        Positive(errors, nameof(options.RecencyHalfLife), options.RecencyHalfLife);
        Positive(errors, nameof(options.SessionLife), options.SessionLife);
        Positive(errors, nameof(options.SourceWindow), options.SourceWindow);

        if (options.VectorSpace is { } space && space.Length is 0 or > 128)
        {
            errors.Add($"VectorSpace has {options.VectorSpace?.Length} characters; 1 to 128 are allowed.");
        }

        MemoryLimits limits = options.Limits;
        Range(errors, "Limits:TextBytes", limits.TextBytes, 1, 16_777_216);
        Range(errors, "Limits:Tags", limits.Tags, 0, 1_024);
        Range(errors, "Limits:TagLength", limits.TagLength, 1, 1_024);
        Range(errors, "Limits:MetadataBytes", limits.MetadataBytes, 0, 1_048_576);
        Range(errors, "Limits:MetadataKeys", limits.MetadataKeys, 0, 4_096);
        Range(errors, "Limits:MetadataDepth", limits.MetadataDepth, 1, 64);
        Range(errors, "Limits:Dimensions", limits.Dimensions, 1, 16_384);
        Range(errors, "Limits:Operations", limits.Operations, 1, 100_000);
        Range(errors, "Limits:Results", limits.Results, 1, 10_000);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Share(List<string> errors, string key, double value, double least)
    {
        if (!(value >= least && value <= 1))
        {
            errors.Add($"{key} is {value}; {least} to 1 is allowed.");
        }
    }

    private static void Positive(List<string> errors, string key, TimeSpan value)
    {
        if (value <= TimeSpan.Zero)
        {
            errors.Add($"{key} is {value}; it must be more than zero.");
        }
    }

    private static void Range(List<string> errors, string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            errors.Add($"{key} is {value}; {least} to {most} is allowed.");
        }
    }
}
