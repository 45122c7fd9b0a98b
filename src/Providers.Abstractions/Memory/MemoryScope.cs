namespace Providers.Memory;

/// <summary>Whose memories, and which pot of theirs: part of every call. Nothing of one scope is ever seen from another.</summary>
/// <param name="Tenant">The tenant, from the caller's identity and never from its arguments; 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>.</param>
/// <param name="Namespace">The pot; 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>. Default: <c>default</c>.</param>
public sealed record MemoryScope(string Tenant, string Namespace = "default")
{
    /// <summary>How the names of tenants begin under which the suite keeps records of its own, such as running workflows.</summary>
    /// <remarks>No caller's identity gives such a tenant: <see cref="IMemoryService"/>, the tools, MCP and REST refuse it, and upkeep passes it by. The store itself keeps it like any other, and backups hold it.</remarks>
    public const string ReservedTenantPrefix = "providers.";

    private const string SessionMark = ":session:";

    /// <summary>Gets whether the tenant is one of the suite's own (<see cref="ReservedTenantPrefix"/>).</summary>
    public bool IsReserved => Tenant.StartsWith(ReservedTenantPrefix, StringComparison.Ordinal);

    /// <summary>Gets whether the memories are those of a session: short-lived, unless they say when they expire.</summary>
    public bool IsSession => Namespace.Contains(SessionMark, StringComparison.Ordinal);

    /// <summary>Gets the scope of the long-term memories a session belongs to; itself when it is no session.</summary>
    public MemoryScope LongTerm => IsSession ? this with { Namespace = Namespace[..Namespace.IndexOf(SessionMark, StringComparison.Ordinal)] } : this;

    /// <summary>Names the scope of a session within this one: a pot of its own, called <c>{namespace}:session:{id}</c>.</summary>
    /// <param name="id">The session's id, of <c>A-Z a-z 0-9 . _ : -</c>; the whole namespace may have 128 characters.</param>
    /// <returns>The scope.</returns>
    public MemoryScope Session(string id) => this with { Namespace = LongTerm.Namespace + SessionMark + id };

    /// <inheritdoc/>
    public override string ToString() => $"{Tenant}/{Namespace}";
}
