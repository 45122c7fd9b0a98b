using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Providers.Mcp.Clients;

/// <summary>Adds the tools of MCP servers to each request. They are listed once, and again after a server says that they changed.</summary>
internal sealed class McpToolsChatClient : DelegatingChatClient
{
    private readonly McpClient[] _clients;
    private readonly Func<McpClientTool, bool> _filter;
    private readonly IAsyncDisposable[] _watches;
    private volatile Lazy<Task<AITool[]>> _tools;

    public McpToolsChatClient(IChatClient inner, IEnumerable<McpClient> clients, Func<McpClientTool, bool>? filter)
        : base(inner)
    {
        _clients = [.. clients];
        _filter = filter ?? (static _ => true);
        _tools = New();
        _watches =
        [
            .. _clients.Select(c => c.RegisterNotificationHandler(NotificationMethods.ToolListChangedNotification, (_, _) =>
            {
                _tools = New(); // also where the old list is just being read
                return default;
            })),
        ];
    }

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await base.GetResponseAsync(messages, await WithToolsAsync(options, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatOptions with = await WithToolsAsync(options, cancellationToken).ConfigureAwait(false);
        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(messages, with, cancellationToken).ConfigureAwait(false))
        {
            yield return update;
        }
    }

    protected override void Dispose(bool disposing)
    {
        foreach (IAsyncDisposable watch in disposing ? _watches : [])
        {
            _ = watch.DisposeAsync().AsTask();
        }

        base.Dispose(disposing);
    }

    private async Task<ChatOptions> WithToolsAsync(ChatOptions? options, CancellationToken cancellationToken)
    {
        Lazy<Task<AITool[]>> listing = _tools;
        AITool[] tools;
        try
        {
            tools = await listing.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch when (listing.Value is { IsCompleted: true, IsCompletedSuccessfully: false })
        {
            Interlocked.CompareExchange(ref _tools, New(), listing); // the next request lists again
            throw;
        }

        ChatOptions with = options?.Clone() ?? new ChatOptions();
        HashSet<string> taken = new((with.Tools ?? []).Select(static t => t.Name), StringComparer.Ordinal);
        with.Tools = [.. with.Tools ?? [], .. tools.Where(t => taken.Add(t.Name))];
        return with;
    }

    private Lazy<Task<AITool[]>> New() => new(ListAsync);

    /// <summary>Lists the tools of all servers; one whose name another server has already is put behind its server's name.</summary>
    private async Task<AITool[]> ListAsync()
    {
        List<AITool> all = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (McpClient client in _clients)
        {
            foreach (McpClientTool tool in (await client.ListToolsAsync().ConfigureAwait(false)).Where(_filter))
            {
                bool free = names.Add(tool.Name);
                McpClientTool named = free ? tool : tool.WithName($"{Plain(client.ServerInfo?.Name ?? "server")}_{tool.Name}");
                if (free || names.Add(named.Name))
                {
                    all.Add(named);
                }
            }
        }

        return [.. all];
    }

    private static string Plain(string name) => string.Concat(name.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));
}
