namespace Providers;

/// <summary>Says which gates are open: a target with a closed gate takes no traffic. A host registers one as a service.</summary>
/// <remarks>Called on the request path: it must answer at once, from memory, and be safe for concurrent use.</remarks>
public interface IRouteGate
{
    /// <summary>Says whether a gate is open.</summary>
    /// <param name="gate">The gate's name, as the route's configuration spells it.</param>
    /// <returns><see langword="true"/> when the target may take traffic.</returns>
    bool IsOpen(string gate);
}
