using Microsoft.Extensions.Options;

namespace Providers.AspNetCore.Hosting;

/// <summary>Finds every error of the options at once.</summary>
internal sealed class GatewayOptionsCheck : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        List<string> errors = [];
        void Number(string key, long? value, long least, long most)
        {
            if (value < least || value > most)
            {
                errors.Add($"{key} is {value}; it must be {least} to {most}.");
            }
        }

        void Span(string key, TimeSpan value, double least, double most)
        {
            if (value.TotalSeconds < least || value.TotalSeconds > most)
            {
                errors.Add($"{key} is {value}; it must be {least} to {most} seconds.");
            }
        }

        GatewayLimitOptions limits = options.Limits;
        Span("Heartbeat", options.Heartbeat, 0.1, 300);
        Span("DrainDelay", options.DrainDelay, 0, 300);
        Span("DrainTimeout", options.DrainTimeout, 0, 3600);
        Number("Limits:MaxConcurrentRequests", limits.MaxConcurrentRequests, 1, 1_000_000);
        Number("Limits:MaxConcurrentRequestsPerTenant", limits.MaxConcurrentRequestsPerTenant, 1, 1_000_000);
        Number("Limits:RequestsPerMinute", limits.RequestsPerMinute, 1, 10_000_000);
        Number("Limits:TenantRequestsPerMinute", limits.TenantRequestsPerMinute, 1, 10_000_000);
        Number("Limits:Burst", limits.Burst, 1, 1_000_000);
        Number("Limits:TenantTokensPerMinute", limits.TenantTokensPerMinute, 1, 1_000_000_000);
        Number("Limits:MaxBodyBytes", limits.MaxBodyBytes, 1024, 1 << 30);
        Number("Limits:MaxLargeBodyBytes", limits.MaxLargeBodyBytes, 1024, 1 << 30);
        Number("Limits:MaxMessages", limits.MaxMessages, 1, 100_000);
        Number("Limits:MaxEmbeddingInputs", limits.MaxEmbeddingInputs, 1, 100_000);
        Number("Limits:MaxPartitions", limits.MaxPartitions, 16, 10_000_000);
        if (options.Authentication.Jwt is { } jwt)
        {
            Jwt(jwt, errors);
            Span("Authentication:Jwt:ClockSkew", jwt.ClockSkew, 0, 300);
            Span("Authentication:Jwt:RefreshInterval", jwt.RefreshInterval, 1, 3600);
        }

        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }

    private static void Jwt(GatewayJwtOptions jwt, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(jwt.Issuer))
        {
            errors.Add("Authentication:Jwt:Issuer is empty; it must be the issuer as tokens spell it.");
        }

        if (string.IsNullOrWhiteSpace(jwt.Audience))
        {
            errors.Add("Authentication:Jwt:Audience is empty; it must be what tokens for this host name as their audience.");
        }

        if (string.IsNullOrWhiteSpace(jwt.TenantClaim))
        {
            errors.Add("Authentication:Jwt:TenantClaim is empty; it must name the claim that says whose data a caller works on.");
        }

        Uri? keys = jwt.JwksUri ?? (Uri.TryCreate(jwt.Issuer, UriKind.Absolute, out Uri? issuer) ? issuer : null);
        if (keys is null || !(keys.Scheme == Uri.UriSchemeHttps || (keys.Scheme == Uri.UriSchemeHttp && keys.IsLoopback)))
        {
            errors.Add("Authentication:Jwt:JwksUri must be an https address (http only to this machine); without it, Issuer must be one.");
        }
    }
}
