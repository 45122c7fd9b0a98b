using System.Buffers;

namespace Providers.AspNetCore.Auth;

/// <summary>What a tenant, a namespace or a memory's id may consist of.</summary>
internal static class TenantName
{
    private static readonly SearchValues<char> s_allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    public static bool IsValid(ReadOnlySpan<char> name) => name.Length is >= 1 and <= 128 && !name.ContainsAnyExcept(s_allowed);
}
