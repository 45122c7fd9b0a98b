using Microsoft.Extensions.Options;

namespace Providers.Mcp.Guard;

/// <summary>Refuses options out of their range, all at once.</summary>
internal sealed class McpHttpOptionsCheck : IValidateOptions<McpHttpOptions>
{
    public ValidateOptionsResult Validate(string? name, McpHttpOptions options)
    {
        List<string> errors = [];
        if (options.AllowedHosts.Count == 0 || options.AllowedHosts.Any(string.IsNullOrWhiteSpace))
        {
            errors.Add("AllowedHosts is empty, or has an empty name; name at least one host, or '*' for every one.");
        }

        errors.AddRange(options.AllowedOrigins
            .Where(static o => !Uri.TryCreate(o, UriKind.Absolute, out Uri? uri) || uri.PathAndQuery != "/" || o.EndsWith('/'))
            .Select(static o => $"AllowedOrigins has '{o}'; an origin is a scheme and a host, as in https://app.example.com."));
        if (options.MaxBodyBytes is < 1_024 or > 67_108_864)
        {
            errors.Add($"MaxBodyBytes is {options.MaxBodyBytes}; 1024 to 67108864 is allowed.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
