namespace Providers.Mcp.Tests.Isolation;

/// <summary>One tenant's way to the server.</summary>
internal interface IDoor : IAsyncDisposable
{
    /// <summary>Gets the session that others may try to use; <see langword="null"/>: there is none that could be named.</summary>
    string? Session { get; }

    /// <param name="method">The protocol's method.</param>
    /// <param name="name">What the parameters name: a tool, a prompt, an address; <see langword="null"/>: nothing.</param>
    /// <param name="parameters">A JSON object.</param>
    /// <param name="approach">How to come.</param>
    /// <returns>The answer, with its result or its error; <see langword="null"/>: somebody else's session was refused.</returns>
    Task<JsonElement?> AskAsync(string method, string? name, string parameters, Approach approach);
}

/// <param name="Newer">Whether to speak the newer revision, which knows no sessions.</param>
/// <param name="StolenSession">Somebody else's session to speak in; <see langword="null"/>: the tenant's own.</param>
internal readonly record struct Approach(bool Newer, string? StolenSession);
