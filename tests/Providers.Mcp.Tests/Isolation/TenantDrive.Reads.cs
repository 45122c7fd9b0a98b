using System.Text.RegularExpressions;

namespace Providers.Mcp.Tests.Isolation;

/// <content>Calls that only read: tools, resources, prompts, completions.</content>
internal sealed partial class TenantDrive
{
    private static readonly string[] s_modes = ["hybrid", "semantic", "keyword"];

    private async Task GetAsync()
    {
        (string pot, string id) = DrawMemory();
        (JsonElement? content, string? error) = await ToolAsync("memory_get", new() { ["id"] = id, ["namespace"] = pot });
        Found(pot, id, content?.GetProperty("memory"), error is null ? null : error == "not_found");
    }

    private async Task ReadMemoryAsync()
    {
        (string pot, string id) = DrawMemory();
        string address = $"memory://{pot}/{id}";
        if (await AskAsync("resources/read", address, $$"""{"uri":"{{address}}"}""") is { } answer)
        {
            Found(pot, id, Resource(answer)?.GetProperty("memory"), answer.TryGetProperty("error", out JsonElement error) ? error.GetProperty("code").GetInt32() is -32002 or -32602 : null);
        }
    }

    private async Task ReadPotAsync()
    {
        string pot = TryPot(), address = $"memory://{pot}";
        if (await AskAsync("resources/read", address, $$"""{"uri":"{{address}}"}""") is { } answer)
        {
            JsonElement items = Resource(answer)!.Value.GetProperty("items");
            Hold((items.GetArrayLength() == 0) == (_rows.In(pot).Length == 0), $"{_rows.In(pot).Length} are there");
            See(pot, items);
        }
    }

    private async Task ListAsync()
    {
        (string Owner, string Thing)? stolen = random.Next(3) == 0 ? loot.Draw(Sort.Cursor, name, random) : null;
        string pot = stolen is { } theirs ? AnyPot(theirs.Owner) : OwnPot();
        Tried += stolen is null ? 0 : 1;
        string? cursor = stolen?.Thing;
        do
        {
            (JsonElement? content, string? error) = await ToolAsync("memory_list", new() { ["namespace"] = pot, ["limit"] = 1 + random.Next(8), ["cursor"] = cursor, ["detail"] = random.Next(2) == 0 ? "full" : null });
            Hold(error == (stolen is null || content is null && error is null ? null : "invalid_input"), "a cursor is good for the scope it was made in");
            cursor = null;
            if (content is { } page)
            {
                See(pot, page.GetProperty("items"));
                if (page.TryGetProperty("next_cursor", out JsonElement next))
                {
                    cursor = next.GetString()!;
                    _given.Add((Sort.Cursor, cursor));
                }
            }
        }
        while (cursor is not null && random.Next(3) > 0);
    }

    private async Task SearchAsync()
    {
        string pot = TryPot(), other = tenants[random.Next(tenants.Count)];
        string? tag = random.Next(3) == 0 ? AnyTag() : null;
        (JsonElement? content, string? error) = await ToolAsync("memory_search", new()
        {
            ["namespace"] = pot,
            ["query"] = $"row of {other} drinks tea {random.Next(10)}",
            ["mode"] = s_modes[random.Next(3)],
            ["limit"] = 1 + random.Next(50),
            ["max_tokens"] = 20_000,
            ["tags_any"] = tag is null ? null : new[] { tag },
            ["explain"] = random.Next(4) == 0,
        });
        Hold(error is null, "a search finds what there is");
        if (content is { } found)
        {
            See(pot, found.GetProperty("items"));
            Hold(tag is null || found.GetProperty("items").EnumerateArray().All(i => i.GetProperty("tags").EnumerateArray().Any(t => t.GetString() == tag)), "the tag was asked for");
        }
    }

    private async Task RelatedAsync()
    {
        (string pot, string id) = DrawMemory();
        (JsonElement? content, string? error) = await ToolAsync("memory_related", new() { ["id"] = id, ["namespace"] = pot, ["depth"] = 1 + random.Next(4) });
        Hold(content is null && error is null || error == (_rows.Of(pot, id) is null ? "not_found" : null), $"'{id}' must be {_rows.Of(pot, id)?.ToString() ?? "absent"}");
        foreach (JsonElement edge in content?.GetProperty("edges").EnumerateArray() ?? default)
        {
            Hold(_rows.Of(pot, edge.GetProperty("from").GetString()!) is not null && _rows.Of(pot, edge.GetProperty("to").GetString()!) is not null, "a link leads to what is there");
            Seen++;
        }
    }

    private async Task StatsAsync()
    {
        string pot = TryPot();
        bool details = random.Next(3) == 0;
        (JsonElement? content, string? error) = await ToolAsync("memory_stats", new() { ["namespace"] = pot, ["include_details"] = details });
        Hold(error is null, "any namespace may be asked for");
        if (content is not { } stats)
        {
            return;
        }

        Row[] rows = _rows.In(pot);
        Hold(stats.GetProperty("count").GetInt64() == rows.Length, $"{rows.Length} are there");
        if (details)
        {
            Dictionary<string, long> tags = rows.SelectMany(static r => r.Tags).CountBy(static t => t).ToDictionary(static t => t.Key, static t => (long)t.Value);
            Dictionary<string, long> told = stats.GetProperty("by_tag").EnumerateObject().ToDictionary(static t => t.Name, static t => t.Value.GetInt64());
            Hold(told.All(t => tags.GetValueOrDefault(t.Key) == t.Value), "the tags are its own");
        }
    }

    private async Task ListResourcesAsync()
    {
        if (await AskAsync("resources/list", null, "{}") is { } answer)
        {
            string[] pots = [.. answer.GetProperty("result").GetProperty("resources").EnumerateArray().Select(static r => r.GetProperty("uri").GetString()!).Where(static u => u.StartsWith("memory://", StringComparison.Ordinal)).Select(static u => u[9..])];
            Hold(pots.All(_rows.Pots.Contains), $"it wrote to {string.Join(", ", _rows.Pots)}");
            Seen += pots.Length;
        }
    }

    private async Task CompleteAsync()
    {
        bool tags = random.Next(2) == 0;
        string other = tenants[random.Next(tenants.Count)];
        Tried += other == name ? 0 : 1;
        string typed = random.Next(3) switch { 0 => "", 1 => tags ? "tag-of-" : "pot-of-", _ => tags ? TagOf(other) : PotOf(other) };
        string argument = $$"""{"name":"{{(tags ? "tag" : "namespace")}}","value":"{{typed}}"}""";
        string context = $$"""{"arguments":{"namespace":"{{AnyPot(other)}}"} }""";
        string parameters = $$"""{"ref":{"type":"ref/prompt","name":"recall"},"argument":{{argument}},"context":{{context}} }""";
        if (await AskAsync("completion/complete", null, parameters) is { } answer)
        {
            string[] values = [.. answer.GetProperty("result").GetProperty("completion").GetProperty("values").EnumerateArray().Select(static v => v.GetString()!)];
            Hold(values.All(v => tags ? v == TagOf(name) || v.StartsWith("shared-", StringComparison.Ordinal) : _rows.Pots.Contains(v)), "tags and namespaces are its own");
            Seen += values.Length;
        }
    }

    private async Task PromptAsync()
    {
        string pot = TryPot(), other = tenants[random.Next(tenants.Count)];
        (string prompt, string arguments) = random.Next(2) == 0 ? ("recall", $$"""{"topic":"row of {{other}} drinks tea","namespace":"{{pot}}"}""") : ("reflect", $$"""{"namespace":"{{pot}}"}""");
        if (await AskAsync("prompts/get", prompt, $$"""{"name":"{{prompt}}","arguments":{{arguments}}}""") is { } answer)
        {
            string text = answer.GetProperty("result").GetProperty("messages")[0].GetProperty("content").GetProperty("text").GetString()!;
            foreach (Match quoted in QuotedId().Matches(text))
            {
                Hold(_rows.Of(pot, quoted.Groups[1].Value) is not null, $"'{quoted.Groups[1].Value}' must be absent");
                Seen++;
            }
        }
    }

    private void Found(string pot, string id, JsonElement? memory, bool? absent)
    {
        if (memory is { } found)
        {
            See(pot, id, found);
        }
        else if (absent is { } said)
        {
            Hold(said && _rows.Of(pot, id) is null, $"'{id}' must be {_rows.Of(pot, id)?.ToString() ?? "absent"}");
        }
    }

    private string TryPot()
    {
        string other = tenants[random.Next(tenants.Count)], pot = AnyPot(other);
        Tried += pot == PotOf(other) && other != name ? 1 : 0;
        return pot;
    }

    private static JsonElement? Resource(JsonElement answer) =>
        answer.TryGetProperty("result", out JsonElement result) ? JsonElement.Parse(result.GetProperty("contents")[0].GetProperty("text").GetString()!) : null;

    [GeneratedRegex("^id (\\S+), version ", RegexOptions.Multiline)]
    private static partial Regex QuotedId();
}
