using System.Text.Json;
using Providers.Tools;
using Providers.Tools.Shapes;

namespace Providers.Memory.Tools;

/// <summary>Makes changes from arguments.</summary>
internal static class MemoryWrites
{
    /// <exception cref="ToolException">The caller's tenant is the suite's own.</exception>
    public static MemoryScope Scope(ToolRequest request)
    {
        MemoryScope scope = new(request.Caller.Tenant, request.Text("namespace", "default"));
        return scope.IsReserved ? throw new ToolException(ToolErrorCode.PermissionDenied, $"Tenants that begin with '{MemoryScope.ReservedTenantPrefix}' are kept for the suite's own records.") : scope;
    }

    public static MemoryRecord Record(ToolRequest request, DateTimeOffset now) => new()
    {
        Id = request.Text("id", ""),
        Text = TextFence.Strip(request.Text("text")!),
        Kind = request.Text("kind", "note"),
        Tags = request.Texts("tags") ?? [],
        Metadata = request.Json("metadata"),
        Importance = request.Double("importance") ?? 0.5,
        Expires = Expires(request, now) is { } expires && expires < DateTimeOffset.MaxValue ? expires : null,
        Provenance = new MemoryProvenance { Source = request.Text("source", "agent"), Actor = Short(request.Caller.Principal) },
    };

    public static MemoryPatch Patch(ToolRequest request, DateTimeOffset now) => new(request.Text("id")!)
    {
        ExpectedVersion = request.Long("expected_version"),
        Text = request.Text("text") is { } text ? TextFence.Strip(text) : null,
        Tags = request.Texts("tags"),
        Metadata = request.Json("metadata") is { } metadata ? metadata.EnumerateObject().Any() ? metadata : Null : null,
        Importance = request.Double("importance"),
        Expires = Expires(request, now),
    };

    /// <summary>
    /// What a call with an idempotency key is known by when it is repeated. A moment counted from now is another one by then, so it is counted from a fixed one here.
    /// </summary>
    /// <returns><see langword="null"/>: the call has no key.</returns>
    public static string? Fingerprint(ToolRequest request, MemoryScope scope, Func<DateTimeOffset, IReadOnlyList<MemoryOperation>> changes) =>
        request.Has("idempotency_key") ? TransactionHash.Of(new MemoryTransaction(scope, changes(DateTimeOffset.UnixEpoch))) : null;

    private static JsonElement Null { get; } = JsonElement.Parse("null");

    private static DateTimeOffset? Expires(ToolRequest request, DateTimeOffset now) => request.Long("expires_in_seconds") switch
    {
        null => null,
        0 => DateTimeOffset.MaxValue,
        { } seconds => now.AddSeconds(seconds),
    };

    private static string? Short(string? principal) => principal is { Length: > 128 } ? principal[..128] : principal;
}
