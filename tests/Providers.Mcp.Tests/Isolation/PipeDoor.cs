using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Isolation;

/// <summary>Through the streams of stdio, to a server of the tenant's own over the memory all of them share.</summary>
internal sealed class PipeDoor(RawSession session) : IDoor
{
    private int _number = 100;

    public string? Session => null;

    public async Task<JsonElement?> AskAsync(string method, string? name, string parameters, Approach approach)
    {
        int number = ++_number;
        return (await session.AskAsync($$"""{"jsonrpc":"2.0","id":{{number}},"method":"{{method}}","params":{{parameters}}}""", number))[^1];
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();
}
