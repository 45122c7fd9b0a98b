using System.Diagnostics.Metrics;

namespace Providers.Memory;

/// <summary>What stores measure, under the meter <c>Providers.Memory</c>. Every label has a handful of values; nothing is measured while nobody listens.</summary>
internal static class MemoryMetrics
{
    public const string Name = "Providers.Memory";
    private static readonly Meter s_meter = new(Name);
    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "memory.operations.duration", "s", "Duration of one operation of a memory store, by operation, store and outcome.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });

    private static readonly UpDownCounter<long> s_writing = s_meter.CreateUpDownCounter<long>(
        "memory.write.pending", "{operation}", "Changes that wait for their commit, by store.");

    private static readonly UpDownCounter<long> s_erasing = s_meter.CreateUpDownCounter<long>(
        "memory.erasure.pending", "{operation}", "Erasures whose text is not out of the store's files yet, by store.");

    /// <summary>Gets the gauge of how many memories there are.</summary>
    public static ObservableGauge<long> Items { get; } = s_meter.CreateObservableGauge(
        "memory.items", CountedItems, "{memory}",
        "Memories as the last round of upkeep counted them, by class of tenant: the host's tenants, or the suite's own.");

    /// <summary>Gets the gauge of what is left to embed.</summary>
    public static ObservableGauge<long> EmbeddingBacklog { get; } = s_meter.CreateObservableGauge(
        "memory.embedding.backlog", static () => Backlog() is { } left ? [new Measurement<long>(left)] : Array.Empty<Measurement<long>>(), "{memory}",
        "Memories without a vector of the present embedding model, as the last round of upkeep left them.");

    /// <summary>Gets the gauge of the last backup.</summary>
    public static ObservableGauge<double> LastBackup { get; } = s_meter.CreateObservableGauge(
        "memory.backup.last_success", static () => Backup() is { } at ? [new Measurement<double>(at)] : Array.Empty<Measurement<double>>(), "s",
        "When this process last finished a backup of a memory, in seconds since 1970.");

    /// <summary>Gets the gauge of the files of vectors.</summary>
    public static ObservableGauge<long> IndexSize { get; } = s_meter.CreateObservableGauge(
        "memory.index.size_bytes", StoreFiles.Indexes, "By", "Size of the files of vectors of the open stores, by store.");

    /// <summary>Gets the gauge of the write-ahead logs.</summary>
    public static ObservableGauge<long> LogSize { get; } = s_meter.CreateObservableGauge(
        "memory.wal.size_bytes", StoreFiles.Logs, "By", "Size of the write-ahead logs of the open stores, by store.");

    private static long s_left = -1, s_backedUp = -1, s_ofTenants = -1, s_ofTheSuite = -1;

    /// <summary>Runs an operation, and measures it where somebody listens. One that its caller cancelled says nothing of the store and is not measured.</summary>
    public static ValueTask<T> MeasureAsync<T>(string store, string operation, Func<ValueTask<T>> run) => s_duration.Enabled ? TimedAsync(store, operation, run) : run();

    /// <summary>The operation a transaction counts as: what its only change does, or <c>execute</c>.</summary>
    public static string OperationOf(MemoryTransaction transaction) => transaction?.Operations is [var only]
        ? only switch { MemoryUpsert => "upsert", MemoryPatch or MemoryEmbed => "update", MemoryDelete => "delete", _ => "execute" }
        : "execute";

    /// <summary>Tells how many memories a round of upkeep left without a vector of the present model.</summary>
    public static void LeftToEmbed(long memories) => Interlocked.Exchange(ref s_left, memories);

    /// <summary>Tells how many memories a round of upkeep found.</summary>
    /// <param name="ofTenants">Those of the host's tenants.</param>
    /// <param name="ofTheSuite">Those of tenants under <see cref="MemoryScope.ReservedTenantPrefix"/>.</param>
    public static void Counted(long ofTenants, long ofTheSuite)
    {
        Interlocked.Exchange(ref s_ofTenants, ofTenants);
        Interlocked.Exchange(ref s_ofTheSuite, ofTheSuite);
    }

    /// <summary>Tells that a backup is complete.</summary>
    public static void BackedUp(DateTimeOffset when) => Interlocked.Exchange(ref s_backedUp, when.ToUnixTimeMilliseconds());

    /// <summary>Makes a gauge on the meter.</summary>
    public static ObservableGauge<double> Gauge(string name, Func<IEnumerable<Measurement<double>>> read, string description) => s_meter.CreateObservableGauge(name, read, null, description);

    private static Measurement<long>[] CountedItems() => Interlocked.Read(ref s_ofTenants) is >= 0 and var tenants
        ? [new(tenants, new KeyValuePair<string, object?>("tenant_class", "tenant")), new(Interlocked.Read(ref s_ofTheSuite), new KeyValuePair<string, object?>("tenant_class", "system"))]
        : [];

    private static UpDownCounter<long>? Pending(string operation) => operation switch
    {
        "erase" => s_erasing,
        "upsert" or "update" or "delete" or "execute" => s_writing,
        _ => null,
    };

    private static long? Backlog() => Interlocked.Read(ref s_left) is >= 0 and var left ? left : null;

    private static double? Backup() => Interlocked.Read(ref s_backedUp) is >= 0 and var at ? at / 1_000.0 : null;

    private static async ValueTask<T> TimedAsync<T>(string store, string operation, Func<ValueTask<T>> run)
    {
        long began = TimeProvider.System.GetTimestamp();
        string outcome = "success";
        UpDownCounter<long>? pending = Pending(operation);
        pending?.Add(1, new KeyValuePair<string, object?>("store", store));
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            outcome = "";
            throw;
        }
        catch (Exception e)
        {
            outcome = e switch { MemoryConflictException => "conflict", ArgumentException => "invalid", MemoryUnavailableException => "unavailable", _ => "error" };
            throw;
        }
        finally
        {
            pending?.Add(-1, new KeyValuePair<string, object?>("store", store));
            if (outcome.Length > 0)
            {
                s_duration.Record(TimeProvider.System.GetElapsedTime(began).TotalSeconds, new("op", operation), new("store", store), new("outcome", outcome));
            }
        }
    }
}
