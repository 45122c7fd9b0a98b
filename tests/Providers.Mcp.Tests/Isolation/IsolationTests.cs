using System.Globalization;
using Microsoft.Extensions.Logging;
using Providers.Mcp.Tests.Support;
using Providers.Memory;
using Providers.Memory.Sqlite;

namespace Providers.Mcp.Tests.Isolation;

/// <summary>
/// Gate G11 at this door: random calls of four tenants at once, and none ever sees, changes or learns of a row of another. G11_OPERATIONS makes it
/// longer, in rounds on a fresh memory each; G11_SEED replays a round: tenants work side by side between two barriers, and what each draws depends
/// on the seed alone.
/// </summary>
public sealed class IsolationTests(ITestOutputHelper output)
{
    private const int Round = 4_000;
    private const int Stride = 10;
    private const string Quiet = "quiet";
    private static readonly int s_operations = int.Parse(Environment.GetEnvironmentVariable("G11_OPERATIONS") ?? "2000", CultureInfo.InvariantCulture);
    private static readonly int s_seed = int.Parse(Environment.GetEnvironmentVariable("G11_SEED") ?? "20260", CultureInfo.InvariantCulture);
    private static readonly string[] s_tenants = ["acme", "beta", "corp", "delta"];

    [Fact]
    public Task Http_TenantsUnderRandomOperations_NeverSeeEachOther() => RoundsAsync("HTTP", async (operations, seed) =>
    {
        await using TempFolder folder = new();
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = folder.File("memory.db") });
        using TokenIssuer issuer = new();
        await using HttpHost host = await HttpHost.StartAsync(HostOf("nobody", store), more: issuer.Guard);
        // acme's and beta's is the same person, with a token for each; the others are known apart by more than the tenant
        string TokenOf(string tenant) => issuer.Token(expires: DateTime.UtcNow.AddHours(6), tenants: [tenant], scope: "memory:read memory:write workflow:read workflow:write workflow:run", user: tenant is "acme" or "beta" ? "both" : $"user of {tenant}");
        await using McpClient older = await host.ConnectAsync(new McpClientOptions { ProtocolVersion = "2025-11-25" }, TokenOf(Quiet));
        await using McpClient newer = await host.ConnectAsync(new McpClientOptions { ProtocolVersion = "2026-07-28" }, TokenOf(Quiet));
        await using Watch session = await Watch.StartAsync(older, "memory://default"), request = await Watch.StartAsync(newer, "memory://default");
        Counts counts = await RoundAsync(operations, seed, async tenant => await HttpDoor.OpenAsync(host.Endpoint, TokenOf(tenant)));
        (session.HasHeard || request.HasHeard).Should().BeFalse("everybody wrote to a namespace of that name, and nothing of it is a stranger's to hear");
        foreach (Watch watch in (Watch[])[session, request])
        {
            (await watch.HeardAsync(() => newer.GoodAsync("memory_store", """{"text":"the quiet one speaks"}"""))).Should().Be("memory://default", "its own it hears");
        }

        return counts;
    });

    [Fact]
    public Task Stdio_ServersOfTenantsOverOneMemory_NeverSeeEachOther() => RoundsAsync("stdio", async (operations, seed) =>
    {
        using InMemoryStore store = new();
        return await RoundAsync(operations, seed, async tenant => new PipeDoor(await RawSession.StartAsync(HostOf(tenant, store))));
    });

    private static Host HostOf(string tenant, IMemoryStore store) => new()
    {
        Memory = _ => store,
        Door = o => o.Tenant = tenant,
        More = static mcp =>
        {
            mcp.Services.AddOrchestration();
            mcp.Services.AddLogging(static l => l.SetMinimumLevel(LogLevel.Warning));
            mcp.WithOrchestrationTools();
        },
    };

    private async Task RoundsAsync(string door, Func<int, int, Task<Counts>> round)
    {
        Counts sum = default;
        for (int seed = s_seed; sum.Done < s_operations; seed += 100)
        {
            int operations = Math.Min(Round, s_operations - sum.Done);
            try
            {
                Counts counts = await round(operations, seed);
                sum = new Counts(sum.Done + counts.Done, sum.Tried + counts.Tried, sum.Seen + counts.Seen, sum.Refused + counts.Refused);
            }
            catch (IsolationException e)
            {
                throw new InvalidOperationException($"G11_SEED={seed} G11_OPERATIONS={operations} shows it again, through {door}: {e.Message}", e);
            }
        }

        output.WriteLine($"long: {sum.Done} operations of {s_tenants.Length} tenants through {door} from seed {s_seed}; {sum.Tried} ids, cursors, sessions and names of others tried, {sum.Refused} calls in another's session refused; {sum.Seen} rows seen, 0 of another tenant");
        sum.Tried.Should().BeGreaterThan(sum.Done / 5);
        sum.Seen.Should().BeGreaterThan(sum.Done);
    }

    private static async Task<Counts> RoundAsync(int operations, int seed, Func<string, Task<IDoor>> open)
    {
        Loot loot = new();
        List<IDoor> doors = [];
        try
        {
            foreach (string tenant in s_tenants)
            {
                doors.Add(await open(tenant));
            }

            TenantDrive[] drives = [.. s_tenants.Select((tenant, i) => new TenantDrive(tenant, s_tenants, doors[i], new Random(seed + i), loot))];
            for (int left = operations / drives.Length; left > 0; left -= Stride)
            {
                foreach (TenantDrive drive in drives)
                {
                    drive.GiveAway();
                }

                await Task.WhenAll(drives.Select(d => Task.Run(() => d.RunAsync(Math.Min(Stride, left)))));
            }

            return new Counts(drives.Sum(static d => d.Done), drives.Sum(static d => d.Tried), drives.Sum(static d => d.Seen), drives.Sum(static d => d.SessionsRefused));
        }
        finally
        {
            foreach (IDoor door in doors)
            {
                await door.DisposeAsync();
            }
        }
    }

    private readonly record struct Counts(int Done, int Tried, int Seen, int Refused);
}
