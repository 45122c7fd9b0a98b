namespace Providers.Tools;

/// <summary>Who calls a tool: from the caller's credentials or the host's options, never from the call's arguments. Immutable.</summary>
/// <param name="Tenant">Whose data it may touch; 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>.</param>
/// <param name="Principal">Who it is, for the audit; <see langword="null"/>: nobody in particular.</param>
public sealed record ToolCaller(string Tenant, string? Principal = null)
{
    /// <summary>Gets what it may do, by scope (<see cref="ToolHints.Scope"/>).</summary>
    /// <value><see langword="null"/> (the default): everything.</value>
    public IReadOnlySet<string>? Scopes { get; init; }

    /// <summary>Says whether the caller may use tools of a scope.</summary>
    /// <param name="scope">The scope; <see langword="null"/>: one that everybody has.</param>
    /// <returns>Whether it may.</returns>
    public bool May(string? scope) => scope is null || Scopes is null || Scopes.Contains(scope);
}
