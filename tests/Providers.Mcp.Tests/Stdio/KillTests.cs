using System.Globalization;
using Providers.Mcp.Tests.Support;
using Providers.Memory;
using Providers.Memory.Sqlite;

namespace Providers.Mcp.Tests.Stdio;

/// <summary>The server dies by kill -9 in the middle of batches: each is whole or absent, and what was acknowledged is there. MCP_KILLS sets how many rounds, LONG_SEED which.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Size = 20, AtATime = 16;
    private static readonly MemoryScope Scope = new("local");

    [Fact]
    public async Task Batch_ServerKilledInTheMiddle_IsWholeOrAbsent()
    {
        int rounds = Environment.GetEnvironmentVariable("MCP_KILLS") is { Length: > 0 } many ? int.Parse(many, CultureInfo.InvariantCulture) : 8;
        int seed = Environment.GetEnvironmentVariable("LONG_SEED") is { Length: > 0 } first ? int.Parse(first, CultureInfo.InvariantCulture) : 0;
        await using TempFolder folder = new();
        string path = folder.File("memory.db");
        int next = 0, whole = 0, absent = 0;
        HashSet<int> acknowledged = [];
        for (int round = 0; round < rounds; round++)
        {
            int begin = next;
            using (StdioChild child = new(path))
            {
                child.Send("""{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
                child.Read().Should().Contain("protocolVersion");
                child.Send("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
                int answered = 0, enough = new Random(seed + round).Next(0, 60);
                while (true)
                {
                    while (next - begin - answered < AtATime)
                    {
                        child.Send(Batch(next++));
                    }

                    if (answered++ == enough)
                    {
                        break; // with as many under way as may be
                    }

                    Note(child.Read(), acknowledged);
                }

                child.Kill();
                foreach (string line in child.RestOfOutput().Split('\n').Where(static l => l.EndsWith('}')))
                {
                    Note(line, acknowledged);
                }
            }

            await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path });
            for (int batch = begin; batch < next; batch++)
            {
                int there = 0;
                for (int i = 0; i < Size; i++)
                {
                    there += await store.GetAsync(Scope, $"b{batch}-{i}") is null ? 0 : 1;
                }

                there.Should().BeOneOf([0, Size], "seed {0}: batch {1} was one transaction", seed + round, batch);
                if (acknowledged.Contains(batch))
                {
                    there.Should().Be(Size, "seed {0}: batch {1} was acknowledged", seed + round, batch);
                }

                whole += there == Size ? 1 : 0;
                absent += there == 0 ? 1 : 0;
            }
        }

        output.WriteLine($"long: {rounds} kills in batches from seed {seed}: {whole} batches whole, {absent} absent, {acknowledged.Count} acknowledged and there");
        acknowledged.Should().NotBeEmpty();
    }

    private static string Batch(int number)
    {
        string operations = string.Join(',', Enumerable.Range(0, Size).Select(i => $$"""{"op":"store","id":"b{{number}}-{{i}}","text":"memory {{i}} of batch {{number}}"}"""));
        return $$"""{"jsonrpc":"2.0","id":{{number}},"method":"tools/call","params":{"name":"memory_transaction","arguments":{"operations":[{{operations}}],"idempotency_key":"k{{number}}"} } }""";
    }

    private static void Note(string? line, HashSet<int> acknowledged)
    {
        if (line is null)
        {
            return;
        }

        using JsonDocument answer = JsonDocument.Parse(line);
        if (answer.RootElement.TryGetProperty("result", out JsonElement result) && !result.TryGetProperty("isError", out _) && answer.RootElement.GetProperty("id").ValueKind is JsonValueKind.Number)
        {
            acknowledged.Add(answer.RootElement.GetProperty("id").GetInt32());
        }
    }
}
