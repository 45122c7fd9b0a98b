using System.Net;
using System.Net.Sockets;

namespace Providers.Memory.Postgres.Tests;

/// <summary>Gate G10: whichever piece of traffic is the last one, the operation says so, the memory stays readable, and a change is whole or not at all.</summary>
public sealed class IoFailureTests(PostgresServer server, ITestOutputHelper output)
{
    private static readonly MemoryScope Scope = new("acme");
    private readonly string _schema = PostgresServer.NewSchema();

    [Theory]
    [InlineData("write")]
    [InlineData("write with key")]
    [InlineData("patch")]
    [InlineData("delete")]
    [InlineData("get")]
    [InlineData("list")]
    [InlineData("search")]
    [InlineData("stats")]
    [InlineData("purge")]
    public async Task Connection_CutAtEachPieceOfTraffic_IsReportedAndLeavesNothingHalf(string operation)
    {
        await using PostgresMemoryStore direct = server.Store(_schema);
        int failed = 0;
        for (int n = 1; ; n++)
        {
            await direct.ExecuteAsync(new MemoryTransaction(Scope, [Note("x", "before"), Note("y", "before")]));
            long version = (await direct.GetAsync(Scope, "x"))!.Version;
            await using CuttingProxy proxy = new(Path.Join(new Npgsql.NpgsqlConnectionStringBuilder(server.Owner).Host, ".s.PGSQL.5432"));
            await using PostgresMemoryStore store = server.Store(_schema, null, o => (o.ConnectionString, o.RetryFor) = ($"Host=127.0.0.1;Port={proxy.Port};Username={Cluster.Role};Database=memory;Maximum Pool Size=1;SSL Mode=Disable;Application Name={_schema}_{n}", TimeSpan.Zero));
            await store.GetAsync(Scope, "warm");
            proxy.CutAfter(n);
            bool done;
            try
            {
                await RunAsync(store, operation, $"key{n}");
                done = true;
            }
            catch (MemoryUnavailableException e)
            {
                failed++;
                done = false;
                await EndedAsync($"{_schema}_{n}");
                MemoryRecord? now = await direct.GetAsync(Scope, "x");
                if (!e.OutcomeUnknown)
                {
                    now!.Version.Should().Be(version, "cut {0}: the exception says that nothing was changed", n);
                }
            }

            MemoryRecord? x = await direct.GetAsync(Scope, "x"), y = await direct.GetAsync(Scope, "y");
            (x?.Version).Should().Be(y?.Version, "cut {0}: all or nothing", n);
            (x?.Text).Should().Be(y?.Text, "cut {0}", n);
            (await direct.SearchAsync(Scope, new MemoryQuery { Text = "before after" })).Should().HaveCount((int)(await direct.GetStatsAsync(Scope)).Count, "cut {0}: words follow", n);
            if (operation == "write with key" && !done)
            {
                MemoryTransactionResult again = await RunAsync(direct, operation, $"key{n}");
                again.Replayed.Should().Be(x!.Version > version, "cut {0}: a commit nobody heard of is answered by its key", n);
            }

            if (done && !proxy.WasCut)
            {
                break;
            }

            n.Should().BeLessThan(60, "operations are short");
        }

        output.WriteLine($"{operation}: cut at {failed} pieces of traffic");
        failed.Should().BePositive();
    }

    /// <summary>Waits until the server has noticed that a connection is gone: until then it may still be at work on what reached it.</summary>
    private async Task EndedAsync(string application)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        while ((long)(await server.SqlAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{application}'"))! > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }
    }

    private static async Task<MemoryTransactionResult> RunAsync(PostgresMemoryStore store, string operation, string key)
    {
        switch (operation)
        {
            case "write":
                return await store.ExecuteAsync(new MemoryTransaction(Scope, [Note("x", "after"), Note("y", "after")]));
            case "write with key":
                return await store.ExecuteAsync(new MemoryTransaction(Scope, [Note("x", $"after {key}"), Note("y", $"after {key}")]) { IdempotencyKey = key });
            case "patch":
                return await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("x") { Text = "after" }, new MemoryPatch("y") { Text = "after" }]));
            case "delete":
                return await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryDelete("x"), new MemoryDelete("y")]));
            case "get":
                (await store.GetAsync(Scope, "x")).Should().NotBeNull();
                break;
            case "list":
                (await store.ListAsync(Scope)).Records.Should().NotBeEmpty();
                break;
            case "search":
                (await store.SearchAsync(Scope, new MemoryQuery { Text = "before", Vector = new float[] { 1, 0 }, VectorSpace = "s" })).Should().NotBeEmpty();
                break;
            case "stats":
                (await store.GetStatsAsync(Scope)).Count.Should().Be(2);
                break;
            default:
                await store.PurgeExpiredAsync();
                break;
        }

        return new MemoryTransactionResult([]);
    }

    private static MemoryUpsert Note(string id, string text) => new(new MemoryRecord { Id = id, Text = text, Vector = new float[] { 1, 0 }, VectorSpace = "s" });

    /// <summary>A way to the server that ends, for good, with its n-th piece of traffic.</summary>
    private sealed class CuttingProxy : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly string _socket;
        private readonly Task _loop;
        private int _left = int.MaxValue;

        public CuttingProxy(string socket)
        {
            _socket = socket;
            _listener.Start();
            _loop = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public bool WasCut => Volatile.Read(ref _left) < 0;

        public void CutAfter(int pieces) => Volatile.Write(ref _left, pieces);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _loop;
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            List<Task> ways = [];
            try
            {
                while (true)
                {
                    Socket client = await _listener.AcceptSocketAsync(_stop.Token);
                    Socket backend = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await backend.ConnectAsync(new UnixDomainSocketEndPoint(_socket));
                    ways.Add(Task.WhenAll(PumpAsync(client, backend), PumpAsync(backend, client)));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(ways);
            }
        }

        private async Task PumpAsync(Socket from, Socket to)
        {
            byte[] buffer = new byte[8_192];
            try
            {
                while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var length)
                {
                    if (Interlocked.Decrement(ref _left) < 0)
                    {
                        break;
                    }

                    await to.SendAsync(buffer.AsMemory(0, length), _stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
            }

            from.Dispose();
            to.Dispose();
        }
    }
}
