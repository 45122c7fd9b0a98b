using Microsoft.Extensions.Options;
using Providers.Mcp.Registration;
using Providers.Tools;

namespace Providers.Mcp.Options;

/// <summary>Refuses options out of their range and toolsets the host lacks, all at once.</summary>
internal sealed class McpDoorOptionsCheck(IEnumerable<WantedToolset> wanted, IEnumerable<IToolset> toolsets) : IValidateOptions<McpDoorOptions>
{
    public ValidateOptionsResult Validate(string? name, McpDoorOptions options)
    {
        List<string> errors = [];
        if (!Calls.CallerReader.IsTenant(options.Tenant))
        {
            errors.Add($"Tenant is '{options.Tenant}'; 1 to 128 of A-Z a-z 0-9 . _ : - are allowed, and not the beginning '{Memory.MemoryScope.ReservedTenantPrefix}'.");
        }

        if (string.IsNullOrWhiteSpace(options.TenantClaim) || string.IsNullOrWhiteSpace(options.ScopeClaim))
        {
            errors.Add("TenantClaim and ScopeClaim must name a claim.");
        }

        Range(errors, nameof(options.MaxArgumentBytes), options.MaxArgumentBytes, 1_024, 67_108_864);
        Range(errors, nameof(options.MaxArgumentDepth), options.MaxArgumentDepth, 4, 64);
        Range(errors, nameof(options.CallsPerMinute), options.CallsPerMinute, 1, 10_000_000);
        Range(errors, nameof(options.Burst), options.Burst, 1, 10_000_000);
        Range(errors, nameof(options.MaxConcurrentCalls), options.MaxConcurrentCalls, 1, 100_000);
        Range(errors, nameof(options.MaxLineBytes), options.MaxLineBytes, 1_024, 67_108_864);
        string[] there = [.. toolsets.Select(static t => t.Name)];
        errors.AddRange(wanted.Where(w => !there.Contains(w.Name)).Select(static w => $"The host has no toolset '{w.Name}'; add it by {w.Origin}."));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Range(List<string> errors, string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            errors.Add($"{key} is {value}; {least} to {most} is allowed.");
        }
    }
}
