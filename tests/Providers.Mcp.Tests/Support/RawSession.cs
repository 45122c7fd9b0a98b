using System.Text;

namespace Providers.Mcp.Tests.Support;

/// <summary>A session spoken to line by line, for what a client of the SDK would not send, and for the order on the wire.</summary>
internal sealed class RawSession : IAsyncDisposable
{
    private readonly PipeSession _session;
    private readonly StreamReader _answers;

    private RawSession(PipeSession session)
    {
        _session = session;
        _answers = new StreamReader(session.FromServer);
    }

    public Host Host => _session.Host;

    public IServiceProvider Services => _session.Services;

    public static async Task<RawSession> StartAsync(Host? host = null)
    {
        RawSession raw = new(await PipeSession.StartAsync(host, connect: false));
        await raw.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""", 1);
        await raw.SendAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        return raw;
    }

    public async Task SendAsync(string line) => await _session.ToServer.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>Sends a request and reads up to its answer, which is the last.</summary>
    public async Task<List<JsonElement>> AskAsync(string line, int id)
    {
        await SendAsync(line);
        List<JsonElement> lines = [];
        do
        {
            lines.Add(JsonElement.Parse((await _answers.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)))!));
        }
        while (!lines[^1].TryGetProperty("id", out JsonElement answered) || answered.ValueKind is not JsonValueKind.Number || answered.GetInt32() != id);
        return lines;
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
