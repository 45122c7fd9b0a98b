namespace Providers.Memory;

/// <summary>Whose memories, and which pot of theirs: part of every call. Nothing of one scope is ever seen from another.</summary>
/// <param name="Tenant">The tenant, from the caller's identity and never from its arguments; 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>.</param>
/// <param name="Namespace">The pot; 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>. Default: <c>default</c>.</param>
public sealed record MemoryScope(string Tenant, string Namespace = "default")
{
    /// <inheritdoc/>
    public override string ToString() => $"{Tenant}/{Namespace}";
}
