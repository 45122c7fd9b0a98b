namespace Providers.Mcp.Tests.Isolation;

/// <summary>What a tenant must find: everything it wrote, and nothing else.</summary>
internal sealed class TenantRows
{
    private readonly Dictionary<(string Pot, string Id), Row> _rows = [];
    private readonly List<(string Pot, string Id)> _ever = [];

    /// <summary>Gets the namespaces something was ever written to.</summary>
    public HashSet<string> Pots { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the idempotency keys that were used, and the ids of what was written by them.</summary>
    public Dictionary<(string Pot, string Key), string[]> Keys { get; } = [];

    public Row? Of(string pot, string id) => _rows.GetValueOrDefault((pot, id));

    public void Put(string pot, string id, Row row)
    {
        _rows[(pot, id)] = row;
        _ever.Add((pot, id));
        Pots.Add(pot);
    }

    public void Remove(string pot, string id) => _rows.Remove((pot, id));

    public Row[] In(string pot) => [.. _rows.Where(r => r.Key.Pot == pot).Select(static r => r.Value)];

    /// <returns>How many had the tag.</returns>
    public int RemoveTagged(string pot, string tag)
    {
        (string Pot, string Id)[] tagged = [.. _rows.Where(r => r.Key.Pot == pot && r.Value.Tags.Contains(tag)).Select(static r => r.Key)];
        foreach ((string Pot, string Id) key in tagged)
        {
            _rows.Remove(key);
        }

        return tagged.Length;
    }

    /// <summary>Draws a memory that is, or was, one's own.</summary>
    public (string Pot, string Id)? Draw(Random random) => _ever.Count == 0 ? null : _ever[random.Next(_ever.Count)];
}

internal sealed record Row(string Text, string[] Tags, long Version);
