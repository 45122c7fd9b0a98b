using System.IO.Pipelines;
using ModelContextProtocol.Server;
using Providers.Mcp.Stdio;

namespace Providers.Mcp.Tests.Support;

/// <summary>A server and a client in one process, through the same streams that stdio uses.</summary>
internal sealed class PipeSession : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly StdioStreams _streams;
    private readonly McpServer _server;
    private readonly Task _running;
    private readonly CancellationTokenSource _stop = new();

    private PipeSession(Host host, ServiceProvider services, StdioStreams streams, McpServer server, Pipe toServer, Pipe toClient)
    {
        Host = host;
        _services = services;
        _streams = streams;
        _server = server;
        ToServer = toServer.Writer.AsStream();
        FromServer = toClient.Reader.AsStream();
        _running = server.RunAsync(_stop.Token);
    }

    public Host Host { get; }

    public IServiceProvider Services => _services;

    public Stream ToServer { get; }

    public Stream FromServer { get; }

    public McpClient Client { get; private set; } = null!;

    public Task Running => _running;

    public static async Task<PipeSession> StartAsync(Host? host = null, McpClientOptions? client = null, bool connect = true)
    {
        host ??= new Host();
        ServiceCollection collection = new();
        host.Register(collection);
        ServiceProvider services = collection.BuildServiceProvider();
        Pipe toServer = new(new PipeOptions(pauseWriterThreshold: 0)), toClient = new(new PipeOptions(pauseWriterThreshold: 0));
        int most = services.GetRequiredService<Microsoft.Extensions.Options.IOptions<McpDoorOptions>>().Value.MaxLineBytes;
        StdioStreams streams = new(toServer.Reader, toClient.Writer.AsStream(), most);
        McpServer server = McpServer.Create(
            new StreamServerTransport(streams.Input, streams.Output, "test"), services.GetRequiredService<Microsoft.Extensions.Options.IOptions<McpServerOptions>>().Value, null, services);
        PipeSession session = new(host, services, streams, server, toServer, toClient);
        if (connect)
        {
            session.Client = await McpClient.CreateAsync(new StreamClientTransport(session.ToServer, session.FromServer), client);
        }

        return session;
    }

    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
        {
            await Client.DisposeAsync();
        }

        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
        }

        await _server.DisposeAsync();
        await _services.DisposeAsync();
        _stop.Dispose();
    }
}
