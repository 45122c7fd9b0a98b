using System.Collections.Concurrent;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Tools;

namespace Providers.Mcp.Resources;

/// <summary>Who wants to hear of changes of which memories: of changes made through this server's tools. Bounded.</summary>
internal sealed class ResourceWatch
{
    internal const int Most = 10_000;
    private readonly ConcurrentDictionary<(string Tenant, string Uri), ConcurrentDictionary<string, Func<string, ValueTask>>> _watchers = new();
    private int _count;

    public static bool IsWatchable(string uri) => MemoryUris.ReadNamespace(uri) is not null || MemoryUris.ReadMemory(uri) is not null;

    /// <exception cref="ToolException">There are too many watchers already.</exception>
    public void Add(string tenant, string uri, string watcher, Func<string, ValueTask> tell)
    {
        if (Volatile.Read(ref _count) >= Most)
        {
            throw new ToolException(ToolErrorCode.RateLimited, $"This server watches {Most} resources already; unsubscribe from some.");
        }

        if (_watchers.GetOrAdd((tenant, uri), static _ => new()).TryAdd(watcher, tell))
        {
            Interlocked.Increment(ref _count);
        }
    }

    public void Remove(string tenant, string uri, string watcher)
    {
        if (_watchers.TryGetValue((tenant, uri), out var there) && there.TryRemove(watcher, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>Tells of what a tool's result says was changed: its namespace, and the memories it names.</summary>
    public void Changed(string tenant, JsonElement? result)
    {
        if (Volatile.Read(ref _count) == 0 || result is not { ValueKind: JsonValueKind.Object } json || !json.TryGetProperty("namespace", out JsonElement name))
        {
            return;
        }

        string @namespace = name.GetString()!;
        Tell(tenant, MemoryUris.OfNamespace(@namespace));
        foreach (string id in Ids(json))
        {
            Tell(tenant, MemoryUris.OfMemory(@namespace, id));
        }
    }

    private static IEnumerable<string> Ids(JsonElement json)
    {
        if (json.TryGetProperty("id", out JsonElement id))
        {
            yield return id.GetString()!;
        }

        if (json.TryGetProperty("outcomes", out JsonElement outcomes))
        {
            foreach (JsonElement outcome in outcomes.EnumerateArray())
            {
                yield return outcome.GetProperty("id").GetString()!;
            }
        }
    }

    private void Tell(string tenant, string uri)
    {
        if (_watchers.TryGetValue((tenant, uri), out var there))
        {
            foreach ((string watcher, Func<string, ValueTask> tell) in there)
            {
                _ = TellAsync(tenant, uri, watcher, tell);
            }
        }
    }

    private async Task TellAsync(string tenant, string uri, string watcher, Func<string, ValueTask> tell)
    {
        try
        {
            await tell(uri).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            Remove(tenant, uri, watcher); // the session has gone
        }
    }
}
