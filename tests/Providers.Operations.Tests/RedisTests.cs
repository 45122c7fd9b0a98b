using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Providers.Testing;
using StackExchange.Redis;

namespace Providers.Operations.Tests;

/// <summary>Gate G12: a real Redis behind the embedding cache is killed under load. No request may fail, and the cache is used again once it is back.</summary>
[Collection(nameof(OneHost))]
public sealed class RedisTests(ITestOutputHelper output)
{
    private readonly LastLogs _logs = new();

    [Fact]
    public async Task RedisKilledUnderLoad_NoRequestFailsAndItIsUsedAgain()
    {
        Tool.Need("redis-server");
        int port = FreePort();
        Process redis = StartRedis(port);
        try
        {
            await using ServiceProvider services = Services(port);
            IEmbeddingGenerator<string, Embedding<float>> embeddings = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
            await UntilKeptAsync(port, embeddings, "before");
            double[] well = await LoadAsync(embeddings, 200, 0);
            Task<double[]> load = LoadAsync(embeddings, 400, 1_000);
            redis.Kill();
            await redis.WaitForExitAsync();
            double[] down = await load; // a request that failed throws here
            redis.Dispose();
            redis = StartRedis(port);
            long back = Stopwatch.GetTimestamp();
            await UntilKeptAsync(port, embeddings, "after");
            TimeSpan recovered = Stopwatch.GetElapsedTime(back);
            output.WriteLine(FormattableString.Invariant(
                $"p99 {Percentile(well):F2} ms with Redis, {Percentile(down):F2} ms while it was killed; {well.Length + down.Length} requests, 0 failed; used again {recovered.TotalSeconds:F1} s after its start"));
            Percentile(down).Should().BeLessThan(1_000, "a request waits for the cache at most its time-out, once to read and once to write");
        }
        finally
        {
            if (!redis.HasExited)
            {
                redis.Kill();
                await redis.WaitForExitAsync();
            }

            redis.Dispose();
        }
    }

    private ServiceProvider Services(int port)
    {
        ServiceCollection services = new();
        services.AddLogging(b => b.AddProvider(_logs));
        services.AddStackExchangeRedisCache(o => o.ConfigurationOptions = Options(port));
        services.AddHybridCache();
        services.AddCompositeProvider(static c => c
            .AddEmbeddingGenerator("hashing", static _ => new HashingEmbeddingGenerator(64), static d => d with { Models = [new ModelDescriptor("hashing") { EmbeddingDimensions = 64 }] })
            .Configure(static o =>
            {
                o.Health.Enabled = false;
                o.Embeddings.Cache = new EmbeddingCacheOptions { Timeout = TimeSpan.FromMilliseconds(250), Rest = TimeSpan.FromSeconds(1) };
            }));
        return services.BuildServiceProvider();
    }

    private static ConfigurationOptions Options(int port) => new()
    {
        EndPoints = { { IPAddress.Loopback, port } },
        AbortOnConnectFail = false,
        BacklogPolicy = BacklogPolicy.FailFast,
        ConnectTimeout = 1_000,
        AsyncTimeout = 1_000,
    };

    private static async Task<double[]> LoadAsync(IEmbeddingGenerator<string, Embedding<float>> embeddings, int requests, int from)
    {
        ConcurrentBag<double> times = [];
        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, token) =>
        {
            long started = Stopwatch.GetTimestamp();
            (await embeddings.GenerateAsync([$"text {from + i}", $"other {from + (i / 2)}"], cancellationToken: token)).Should().HaveCount(2);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        });
        return [.. times.Order()];
    }

    /// <summary>Waits until a vector made by one composite lies in Redis; ninety seconds is the limit of patience.</summary>
    private async Task UntilKeptAsync(int port, IEmbeddingGenerator<string, Embedding<float>> embeddings, string prefix)
    {
        ConfigurationOptions options = Options(port);
        options.AbortOnConnectFail = true;
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(90); i++)
        {
            await embeddings.GenerateAsync([$"{prefix} {i}"]);
            try
            {
                await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(options);
                if ((long)await connection.GetDatabase().ExecuteAsync("DBSIZE") > 0)
                {
                    return;
                }
            }
            catch (RedisException)
            {
                // Not listening yet.
            }

            await Task.Delay(50);
        }

        Assert.Fail($"Nothing was kept in Redis within 90 s. {string.Join("; ", _logs.Last(10))}");
    }

    private static double Percentile(double[] sorted) => sorted[(int)(0.99 * (sorted.Length - 1))];

    private static Process StartRedis(int port) => Tool.Start(
        "redis-server", "--bind", "127.0.0.1", "--port", $"{port}", "--save", "", "--appendonly", "no", "--loglevel", "warning");

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
