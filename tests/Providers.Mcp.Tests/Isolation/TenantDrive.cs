using System.Text.Encodings.Web;

namespace Providers.Mcp.Tests.Isolation;

/// <summary>One tenant at work: random calls, half of them with what belongs to others, each answer held against what the tenant must find.</summary>
internal sealed partial class TenantDrive(string name, IReadOnlyList<string> tenants, IDoor door, Random random, Loot loot)
{
    private const string Common = "default";
    private readonly TenantRows _rows = new();
    private readonly HashSet<string> _works = new(StringComparer.Ordinal);
    private readonly List<(Sort Sort, string Thing)> _given = [];
    private string _last = "";

    public int Done { get; private set; }

    /// <summary>Gets how many ids, cursors, sessions, tags and names of others were tried.</summary>
    public int Tried { get; private set; }

    /// <summary>Gets how many rows came back, each its own and as it was written.</summary>
    public int Seen { get; private set; }

    /// <summary>Gets how many calls in somebody else's session were refused as a whole.</summary>
    public int SessionsRefused { get; private set; }

    private string Pot => PotOf(name);

    public async Task RunAsync(int operations)
    {
        for (int i = 0; i < operations; i++, Done++)
        {
            try
            {
                await OneAsync();
            }
            catch (Exception e) when (e is not IsolationException)
            {
                throw Broken($"{e.GetType().Name}: {e.Message}", e);
            }
        }
    }

    /// <summary>Hands to everybody what was given to this tenant since the last time.</summary>
    public void GiveAway()
    {
        loot.Add(name, _given);
        _given.Clear();
        if (Done == 0 && door.Session is { } session)
        {
            loot.Add(name, [(Sort.Session, session)]);
        }
    }

    private Task OneAsync() => random.Next(30) switch
    {
        < 5 => StoreAsync(),
        < 8 => TransactionAsync(),
        < 10 => UpdateAsync(),
        10 => DeleteAsync(),
        11 => random.Next(4) == 0 ? DeleteTaggedAsync() : DeleteAsync(),
        < 14 => LinkAsync(),
        < 17 => GetAsync(),
        17 => ReadMemoryAsync(),
        18 => ReadPotAsync(),
        < 21 => ListAsync(),
        < 23 => SearchAsync(),
        23 => RelatedAsync(),
        24 => StatsAsync(),
        25 => random.Next(2) == 0 ? ListResourcesAsync() : CompleteAsync(),
        26 => PromptAsync(),
        27 => MakeWorkAsync(),
        _ => UseWorkAsync(),
    };

    /// <returns>What the tool gave, and the code of its error; neither: the call was made in somebody else's session and refused.</returns>
    private async Task<(JsonElement? Content, string? Error)> ToolAsync(string tool, Dictionary<string, object?> arguments)
    {
        if (await AskAsync("tools/call", tool, $$"""{"name":"{{tool}}","arguments":{{Json(arguments)}}}""") is not { } answer)
        {
            return default;
        }

        JsonElement result = answer.TryGetProperty("result", out JsonElement there) ? there : throw Broken("A tool's trouble is a result, not an error of the protocol.");
        return result.TryGetProperty("isError", out JsonElement wrong) && wrong.GetBoolean()
            ? (null, result.GetProperty("_meta").GetProperty("providers/error").GetProperty("code").GetString())
            : (result.GetProperty("structuredContent"), null);
    }

    private async Task<JsonElement?> AskAsync(string method, string? target, string parameters)
    {
        bool newer = random.Next(2) == 0;
        string? stolen = random.Next(12) == 0 ? loot.Draw(Sort.Session, name, random)?.Thing : null;
        Tried += stolen is null ? 0 : 1;
        _last = $"{method} {parameters} in {(stolen is not null ? "another's session" : newer ? "2026-07-28" : "2025-11-25")}";
        JsonElement? answer = await door.AskAsync(method, target, parameters, new Approach(newer, stolen));
        if (answer is null)
        {
            SessionsRefused++;
            return null;
        }

        string text = answer.Value.GetRawText();
        _last += $" was answered {text}";
        return tenants.FirstOrDefault(t => t != name && text.Contains(MarkOf(t), StringComparison.Ordinal)) is { } other ? throw Broken($"A row of {other} was seen.") : answer;
    }

    /// <summary>Holds rows against what was written; one that is another's is not there, or reads otherwise.</summary>
    private void See(string pot, JsonElement items)
    {
        foreach (JsonElement item in items.EnumerateArray())
        {
            See(pot, item.GetProperty("id").GetString()!, item);
        }
    }

    private void See(string pot, string id, JsonElement item)
    {
        string fenced = item.GetProperty("text").GetString()!;
        string text = fenced[(fenced.IndexOf('\n', StringComparison.Ordinal) + 1)..fenced.LastIndexOf('\n')];
        string[] tags = [.. item.GetProperty("tags").EnumerateArray().Select(static t => t.GetString()!)];
        Row? row = _rows.Of(pot, id);
        Hold(row is not null && item.GetProperty("id").GetString() == id && row.Text == text && row.Version == item.GetProperty("version").GetInt64() && row.Tags.Order(StringComparer.Ordinal).SequenceEqual(tags.Order(StringComparer.Ordinal), StringComparer.Ordinal), $"'{id}' in '{pot}' must be {row?.ToString() ?? "absent"}");
        Seen++;
    }

    /// <summary>Draws a memory, half of the time another's, or one whose name all tenants use.</summary>
    private (string Pot, string Id) DrawMemory()
    {
        (string Pot, string Id) drawn = random.Next(2) == 0 && loot.Draw(Sort.Memory, name, random) is { } others ? (AnyPot(others.Owner), others.Thing)
            : random.Next(4) > 0 && _rows.Draw(random) is { } own ? own
            : (AnyPot(name), $"m{random.Next(30)}");
        Tried += _rows.Of(drawn.Pot, drawn.Id) is null && loot.Knows(drawn.Id) ? 1 : 0;
        return drawn;
    }

    private string AnyPot(string owner) => random.Next(3) switch { 0 => PotOf(owner), 1 => Pot, _ => Common };

    private string OwnPot() => random.Next(2) == 0 ? Pot : Common;

    /// <summary>Words that say whose they are, or words that everybody stores.</summary>
    private string Words() => random.Next(3) == 0 ? $"everybody drinks tea {random.Next(10)}" : $"{MarkOf(name)} drinks tea {random.Next(1_000)}";

    private string[] OwnTags() => [TagOf(name), $"shared-{random.Next(10)}"];

    /// <summary>A tag of one's own, of another's, or of everybody.</summary>
    private string AnyTag()
    {
        string tenant = tenants[random.Next(tenants.Count)];
        Tried += tenant == name ? 0 : 1;
        return random.Next(2) == 0 ? TagOf(tenant) : $"shared-{random.Next(10)}";
    }

    private void Hold(bool holds, string what)
    {
        if (!holds)
        {
            throw Broken(what);
        }
    }

    private IsolationException Broken(string what, Exception? inner = null) => new($"{name}, operation {Done}: {what} {_last}", inner);

    private static string MarkOf(string tenant) => $"row-of-{tenant}";

    private static string TagOf(string tenant) => $"tag-of-{tenant}";

    private static string PotOf(string tenant) => $"pot-of-{tenant}";

    private static string Json(Dictionary<string, object?> arguments) =>
        JsonSerializer.Serialize(arguments.Where(static a => a.Value is not null).ToDictionary(static a => a.Key, static a => a.Value), s_json);

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

/// <summary>A tenant saw, or could do, what it must not.</summary>
internal sealed class IsolationException(string message, Exception? inner) : Exception(message, inner);
