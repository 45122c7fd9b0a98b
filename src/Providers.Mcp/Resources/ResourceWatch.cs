using System.Text.Json;
using Providers.Tools;

namespace Providers.Mcp.Resources;

/// <summary>Who wants to hear of changes of which memories: of changes made through this server's tools. Bounded.</summary>
internal sealed class ResourceWatch
{
    internal const int Most = 10_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string Address), List<Watcher>> _watchers = [];
    private int _count;

    /// <summary>Gets how many watch.</summary>
    public int Count => Volatile.Read(ref _count);

    public static bool IsWatchable(string uri) => MemoryUris.Plain(uri) is not null;

    /// <param name="tenant">Whose memories.</param>
    /// <param name="uri">Which, as the watcher writes its address, and is told it.</param>
    /// <param name="watcher">The name of who watches.</param>
    /// <param name="tell">Tells it.</param>
    /// <exception cref="ToolException">There are too many watchers already.</exception>
    public void Add(string tenant, string uri, string watcher, Func<string, ValueTask> tell)
    {
        lock (_gate)
        {
            (string, string) key = (tenant, MemoryUris.Plain(uri)!);
            if (!_watchers.TryGetValue(key, out List<Watcher>? there))
            {
                there = [];
            }

            if (there.Exists(w => w.Name == watcher && w.Uri == uri))
            {
                return;
            }

            if (_count >= Most)
            {
                throw new ToolException(ToolErrorCode.RateLimited, $"This server watches {Most} resources already; unsubscribe from some.");
            }

            there.Add(new Watcher(watcher, uri, tell));
            _watchers[key] = there;
            _count++;
        }
    }

    public void Remove(string tenant, string uri, string watcher)
    {
        lock (_gate)
        {
            if (MemoryUris.Plain(uri) is { } address)
            {
                Remove((tenant, address), w => w.Name == watcher && w.Uri == uri);
            }
        }
    }

    /// <summary>Forgets all that somebody who has gone watched.</summary>
    public void Forget(string watcher)
    {
        lock (_gate)
        {
            foreach ((string, string) key in _count == 0 ? [] : _watchers.Keys.ToArray())
            {
                Remove(key, w => w.Name == watcher);
            }
        }
    }

    /// <summary>Tells of what a tool's result says was changed: its namespace, and the memories it names.</summary>
    public void Changed(string tenant, JsonElement? result)
    {
        if (Count == 0 || result is not { ValueKind: JsonValueKind.Object } json || !json.TryGetProperty("namespace", out JsonElement name))
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

    private void Remove((string Tenant, string Address) key, Predicate<Watcher> who)
    {
        if (_watchers.TryGetValue(key, out List<Watcher>? there))
        {
            _count -= there.RemoveAll(who);
            if (there.Count == 0)
            {
                _watchers.Remove(key);
            }
        }
    }

    private void Tell(string tenant, string address)
    {
        Watcher[] all;
        lock (_gate)
        {
            all = _watchers.TryGetValue((tenant, address), out List<Watcher>? there) ? [.. there] : [];
        }

        foreach (Watcher watcher in all)
        {
            _ = TellAsync(tenant, watcher);
        }
    }

    private async Task TellAsync(string tenant, Watcher watcher)
    {
        try
        {
            await watcher.Tell(watcher.Uri).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            Remove(tenant, watcher.Uri, watcher.Name); // the session has gone
        }
    }

    private sealed record Watcher(string Name, string Uri, Func<string, ValueTask> Tell);
}
