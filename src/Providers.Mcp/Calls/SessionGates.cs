using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Providers.Mcp.Calls;

/// <summary>The gates of all sessions, bounded: idle ones are forgotten, and when none is, newcomers share one.</summary>
internal sealed class SessionGates(IOptions<McpDoorOptions> options, TimeProvider clock)
{
    internal const int Most = 10_000;
    private readonly ConcurrentDictionary<string, SessionGate> _gates = new(StringComparer.Ordinal);
    private readonly SessionGate _shared = new(options.Value, clock);

    public SessionGate Of(string session)
    {
        if (_gates.TryGetValue(session, out SessionGate? gate))
        {
            return gate;
        }

        if (_gates.Count >= Most && !Forget())
        {
            return _shared;
        }

        return _gates.GetOrAdd(session, _ => new SessionGate(options.Value, clock));
    }

    private bool Forget()
    {
        bool any = false;
        foreach ((string session, SessionGate gate) in _gates)
        {
            any |= gate.IsIdle && _gates.TryRemove(session, out _);
        }

        return any;
    }
}
