namespace Providers.Mcp.Tests.Isolation;

/// <content>Calls that change memories.</content>
internal sealed partial class TenantDrive
{
    private async Task StoreAsync()
    {
        (string pot, string text, string[] tags, string? key) = (OwnPot(), Words(), OwnTags(), Key());
        (JsonElement? content, string? error) = await ToolAsync("memory_store", new() { ["text"] = text, ["tags"] = tags, ["namespace"] = pot, ["idempotency_key"] = key });
        if (key is not null && _rows.Keys.TryGetValue((pot, key), out string[]? first))
        {
            Hold(content is null || content.Value.GetProperty("id").GetString() == first[0], $"the key was used for {first[0]}");
            return;
        }

        Hold(error is null, "nothing is in the way of a new memory");
        if (content is { } stored)
        {
            string id = stored.GetProperty("id").GetString()!;
            Hold(stored.GetProperty("created").GetBoolean() && !loot.Knows(id) && _rows.Of(pot, id) is null, "an id drawn anew is nobody's yet");
            Use(pot, key, [id]);
            Keep(pot, id, new Row(text, tags, stored.GetProperty("version").GetInt64()));
        }
    }

    private async Task UpdateAsync()
    {
        ((string pot, string id), string text) = (DrawMemory(), Words());
        Row? row = _rows.Of(pot, id);
        long expected = row?.Version ?? 1 + random.Next(3);
        (JsonElement? content, string? error) = await ToolAsync("memory_update", new() { ["id"] = id, ["namespace"] = pot, ["expected_version"] = expected, ["text"] = text });
        if (content is null && error is null)
        {
            return;
        }

        Hold(error == (row is null ? "not_found" : null), $"'{id}' must be {row?.ToString() ?? "absent"}");
        if (content is { } changed)
        {
            Keep(pot, id, row! with { Text = text, Version = changed.GetProperty("version").GetInt64() });
        }
    }

    private async Task DeleteAsync()
    {
        (string pot, string id) = DrawMemory();
        (JsonElement? content, string? error) = await ToolAsync("memory_delete", new() { ["id"] = id, ["namespace"] = pot });
        Hold(error is null, "to delete what is not there is no error");
        if (content is { } result)
        {
            Hold(result.GetProperty("deleted").GetInt64() == (_rows.Of(pot, id) is null ? 0 : 1), $"'{id}' must be {_rows.Of(pot, id)?.ToString() ?? "absent"}");
            _rows.Remove(pot, id);
        }
    }

    private async Task DeleteTaggedAsync()
    {
        (string pot, string tag) = (AnyPot(tenants[random.Next(tenants.Count)]), AnyTag());
        (JsonElement? content, string? error) = await ToolAsync("memory_delete", new() { ["namespace"] = pot, ["filter"] = new Dictionary<string, object> { ["tags_all"] = new[] { tag } }, ["confirm"] = true });
        Hold(error is null, "a filter may match nothing");
        if (content is { } result)
        {
            int tagged = _rows.RemoveTagged(pot, tag);
            Hold(result.GetProperty("deleted").GetInt64() == tagged, $"{tagged} have the tag");
        }
    }

    private async Task TransactionAsync()
    {
        (string pot, string? key) = (OwnPot(), Key());
        (string Op, string Id, string Text, string[] Tags)[] operations =
            [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => (random.Next(5) switch { < 3 => "store", 3 => "update", _ => "delete" }, DrawMemory().Id, Words(), OwnTags())).DistinctBy(static o => o.Id)];
        (JsonElement? content, string? error) = await ToolAsync("memory_transaction", new()
        {
            ["namespace"] = pot,
            ["idempotency_key"] = key,
            ["operations"] = operations.Select(static o => o.Op == "delete" ? new Dictionary<string, object> { ["op"] = o.Op, ["id"] = o.Id } : new() { ["op"] = o.Op, ["id"] = o.Id, ["text"] = o.Text, ["tags"] = o.Tags }).ToArray(),
        });
        if (key is not null && _rows.Keys.TryGetValue((pot, key), out string[]? first))
        {
            Hold(content is null || (content.Value.GetProperty("replayed").GetBoolean() && content.Value.GetProperty("outcomes").EnumerateArray().Select(static o => o.GetProperty("id").GetString()).SequenceEqual(first)), "the key was used");
            return;
        }

        bool possible = operations.All(o => o.Op != "update" || _rows.Of(pot, o.Id) is not null);
        Hold(content is null && error is null || error == (possible ? null : "not_found"), possible ? "nothing is in the way" : "what is to be changed is not there");
        if (content is not { } result)
        {
            return;
        }

        Hold(!result.GetProperty("replayed").GetBoolean(), "only others used the key");
        Use(pot, key, [.. operations.Select(static o => o.Id)]);
        foreach (((string op, string id, string text, string[] tags), JsonElement outcome) in operations.Zip(result.GetProperty("outcomes").EnumerateArray()))
        {
            bool there = _rows.Of(pot, id) is not null;
            string change = (op, there) switch { ("delete", true) => "deleted", ("delete", false) => "not_found", (_, true) => "updated", _ => "created" };
            Hold(outcome.GetProperty("change").GetString() == change && outcome.GetProperty("id").GetString() == id, $"'{id}' must be {change}");
            if (op == "delete")
            {
                _rows.Remove(pot, id);
            }
            else
            {
                Keep(pot, id, new Row(text, tags, outcome.GetProperty("version").GetInt64()));
            }
        }
    }

    private async Task LinkAsync()
    {
        ((string pot, string from), (_, string to)) = (DrawMemory(), DrawMemory());
        if (from == to)
        {
            return;
        }

        bool remove = random.Next(4) == 0, both = _rows.Of(pot, from) is not null && _rows.Of(pot, to) is not null;
        (JsonElement? content, string? error) = await ToolAsync("memory_link", new() { ["namespace"] = pot, ["from"] = from, ["relation"] = "supports", ["to"] = to, ["remove"] = remove });
        if (content is { } result)
        {
            string change = result.GetProperty("change").GetString()!;
            Hold(both ? (change is "linked") != remove : remove && change is "not_found", both ? "both are there" : "one of them is not there");
        }
        else
        {
            Hold(error is null or "not_found" && !(error is not null && both), "both are there");
        }
    }

    /// <summary>The few keys that all tenants use.</summary>
    private string? Key() => random.Next(5) == 0 ? $"key-{random.Next(5)}" : null;

    private void Use(string pot, string? key, string[] ids)
    {
        if (key is not null)
        {
            _rows.Keys[(pot, key)] = ids;
        }
    }

    private void Keep(string pot, string id, Row row)
    {
        _rows.Put(pot, id, row);
        _given.Add((Sort.Memory, id));
    }
}
