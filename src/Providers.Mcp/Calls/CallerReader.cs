using System.Security.Claims;
using Microsoft.Extensions.Options;
using Providers.Memory;
using Providers.Tools;

namespace Providers.Mcp.Calls;

/// <summary>Makes the caller from its credentials, or, where it brings none, from the options; never from arguments.</summary>
internal sealed class CallerReader(IOptions<McpDoorOptions> options)
{
    private static readonly string[] s_principalClaims = ["sub", ClaimTypes.NameIdentifier, "client_id", "azp"];
    private readonly ToolCaller _nobody = new(options.Value.Tenant);

    public static bool IsTenant(string? tenant) =>
        tenant is { Length: > 0 and <= 128 } && !new MemoryScope(tenant).IsReserved && tenant.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');

    /// <exception cref="ToolException">The credentials name no tenant, or several.</exception>
    public ToolCaller Read(ClaimsPrincipal? user)
    {
        if (user?.Identity is not { IsAuthenticated: true })
        {
            return _nobody;
        }

        string[] tenants = [.. user.FindAll(options.Value.TenantClaim).Select(static c => c.Value).Distinct(StringComparer.Ordinal)];
        if (tenants is not [{ } tenant] || !IsTenant(tenant))
        {
            throw new ToolException(ToolErrorCode.PermissionDenied, $"The credentials must name one tenant in the claim '{options.Value.TenantClaim}'; they name {tenants.Length}, and names that begin with '{MemoryScope.ReservedTenantPrefix}' are no caller's.");
        }

        return new ToolCaller(tenant, s_principalClaims.Select(user.FindFirst).FirstOrDefault(static c => c is not null)?.Value)
        {
            Scopes = user.FindAll(options.Value.ScopeClaim).Concat(user.FindAll("scp")).SelectMany(static c => c.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToHashSet(StringComparer.Ordinal),
        };
    }
}
