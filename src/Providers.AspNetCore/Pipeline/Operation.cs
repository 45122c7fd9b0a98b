using Providers.AspNetCore.Documents;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.Pipeline;

/// <summary>One method of one path: how it is served, who may call it, and how it is documented. Routes and the OpenAPI document come from the same table.</summary>
/// <param name="Id">Its id in the document.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path's template.</param>
/// <param name="Scope">What the caller needs; <see cref="GatewayScopes.None"/>: anybody may call it.</param>
/// <param name="Handler">Serves it.</param>
internal sealed record Operation(string Id, string Method, string Path, GatewayScopes Scope, Func<Exchange, Task> Handler)
{
    public ErrorStyle Errors { get; init; }

    /// <summary>Gets scopes of which any one is enough, beside <see cref="Scope"/>.</summary>
    public GatewayScopes OrScope { get; init; }

    /// <summary>Gets a value indicating whether the operation counts against the limits; an operator's and a probe's do not.</summary>
    public bool Limited { get; init; } = true;

    public required OperationDocs Docs { get; init; }
}
