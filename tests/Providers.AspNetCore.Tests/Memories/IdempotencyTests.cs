using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Tests.Support;
using Providers.Memory;

namespace Providers.AspNetCore.Tests.Memories;

/// <summary>Gate G9: one effect and one answer for a key, at once, later, and over a crash between commit and answer.</summary>
public sealed class IdempotencyTests : IDisposable
{
    private const string Body = """{"text":"Stored once.","tags":["g9"]}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("g9-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Key_RacedSixtyFourWays_HasOneEffectAndOneAnswer()
    {
        await using GatewayHost host = await FullHost.StartAsync();
        for (int round = 0; round < 5; round++)
        {
            string key = $"round-{round}";
            (HttpStatusCode Status, string Text, string? ETag)[] all = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => StoreAsync(host, key))));
            all.Distinct().Should().ContainSingle();
            (await host.Services.GetRequiredService<IMemoryStore>().GetStatsAsync(new MemoryScope("default"))).Count.Should().Be(round + 1);
        }
    }

    [Fact]
    public async Task Key_AfterACrashBetweenCommitAndAnswer_GivesTheFirstResult()
    {
        string path = Path.Combine(_folder, "memories.db");
        string? id;
        await using (GatewayHost host = await WithFileAsync(path, crash: true))
        {
            (HttpStatusCode status, _, _) = await StoreAsync(host, "crash");
            status.Should().Be(HttpStatusCode.InternalServerError, "the host fell over after the commit");
            id = (await host.Services.GetRequiredService<IMemoryStore>().ListAsync(new MemoryScope("default"))).Records.Should().ContainSingle().Subject.Id;
        }

        await using GatewayHost again = await WithFileAsync(path, crash: false);
        (HttpStatusCode code, string text, string? tag) = await StoreAsync(again, "crash");
        (code, tag).Should().Be((HttpStatusCode.Created, "\"1\""), text);
        text.Should().Contain(id);
        (await again.Services.GetRequiredService<IMemoryStore>().GetStatsAsync(new MemoryScope("default"))).Count.Should().Be(1);
    }

    [Fact]
    public async Task Key_OfAFailedRequest_MayBeTriedAgain()
    {
        await using GatewayHost host = await FullHost.StartAsync();
        using (HttpResponseMessage wrong = await host.PostAsync("/v1/memories", """{"text":""}""", static r => r.Headers.Add("Idempotency-Key", "again")))
        {
            wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        }

        (await StoreAsync(host, "again")).Status.Should().Be(HttpStatusCode.Created);
        using HttpResponseMessage replayed = await host.PostAsync("/v1/memories", Body, static r => r.Headers.Add("Idempotency-Key", "again"));
        replayed.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
    }

    private static Task<GatewayHost> WithFileAsync(string path, bool crash) => FullHost.StartAsync(build: b =>
    {
        b.Services.AddSqliteMemory(path);
        if (crash)
        {
            ServiceDescriptor inner = b.Services.Last(static d => d.ServiceType == typeof(IMemoryService));
            b.Services.AddSingleton<IMemoryService>(s => new FallsOver((IMemoryService)inner.ImplementationFactory!(s)));
        }
    });

    private static async Task<(HttpStatusCode Status, string Text, string? ETag)> StoreAsync(GatewayHost host, string key)
    {
        using HttpResponseMessage response = await host.PostAsync("/v1/memories", Body, r => r.Headers.Add("Idempotency-Key", key));
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.ETag?.Tag);
    }

    /// <summary>Does what it is asked, and then fails.</summary>
    private sealed class FallsOver(IMemoryService inner) : IMemoryService
    {
        public IMemoryStore Store => inner.Store;

        public async ValueTask<MemoryReceipt> StoreAsync(MemoryScope scope, MemoryRecord record, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        {
            await inner.StoreAsync(scope, record, idempotencyKey, cancellationToken);
            throw new InvalidOperationException("The process would have died here.");
        }

        public ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default) => inner.ExecuteAsync(transaction, cancellationToken);

        public ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default) => inner.SearchAsync(scope, query, cancellationToken);

        public ValueTask<MemoryReceipt> RestoreAsync(MemoryScope scope, string id, long version, long? expectedVersion = null, CancellationToken cancellationToken = default) =>
            inner.RestoreAsync(scope, id, version, expectedVersion, cancellationToken);

        public Task<long> ExportAsync(MemoryScope scope, Stream destination, MemoryExportOptions? options = null, CancellationToken cancellationToken = default) =>
            inner.ExportAsync(scope, destination, options, cancellationToken);

        public Task<MemoryImportResult> ImportAsync(MemoryScope scope, Stream source, MemoryImportOptions? options = null, CancellationToken cancellationToken = default) =>
            inner.ImportAsync(scope, source, options, cancellationToken);

        public Task<long> ReembedAsync(MemoryScope scope, IProgress<long>? progress = null, CancellationToken cancellationToken = default) => inner.ReembedAsync(scope, progress, cancellationToken);
    }
}
