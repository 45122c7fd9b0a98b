namespace Providers.AspNetCore.Auth;

/// <summary>How scopes are spelled.</summary>
internal static class ScopeNames
{
    private static readonly (string Name, GatewayScopes Scope)[] s_names =
    [
        ("chat", GatewayScopes.Chat),
        ("embeddings", GatewayScopes.Embeddings),
        ("memory:read", GatewayScopes.MemoryRead),
        ("memory:write", GatewayScopes.MemoryWrite),
        ("admin", GatewayScopes.Admin),
    ];

    public static string[] Of(GatewayScopes scopes) => [.. s_names.Where(n => scopes.HasFlag(n.Scope)).Select(static n => n.Name)];

    /// <summary>Reads one name.</summary>
    /// <returns><see cref="GatewayScopes.None"/> for a name that is none of ours.</returns>
    public static GatewayScopes Parse(ReadOnlySpan<char> name)
    {
        foreach ((string known, GatewayScopes scope) in s_names)
        {
            if (name.SequenceEqual(known))
            {
                return scope;
            }
        }

        return GatewayScopes.None;
    }

    /// <summary>Reads a list as OAuth spells it, separated by spaces; names that are not ours are passed over.</summary>
    public static GatewayScopes ParseList(ReadOnlySpan<char> names)
    {
        GatewayScopes scopes = GatewayScopes.None;
        foreach (Range part in names.Split(' '))
        {
            scopes |= Parse(names[part]);
        }

        return scopes;
    }
}
