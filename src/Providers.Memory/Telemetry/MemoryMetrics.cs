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

    /// <summary>Gets the gauge of what is left to embed.</summary>
    public static ObservableGauge<long> EmbeddingBacklog { get; } = s_meter.CreateObservableGauge(
        "memory.embedding.backlog", static () => Backlog() is { } left ? [new Measurement<long>(left)] : Array.Empty<Measurement<long>>(), "{memory}",
        "Memories without a vector of the present embedding model, as the last round of upkeep left them.");

    /// <summary>Gets the gauge of the last backup.</summary>
    public static ObservableGauge<double> LastBackup { get; } = s_meter.CreateObservableGauge(
        "memory.backup.last_success", static () => Backup() is { } at ? [new Measurement<double>(at)] : Array.Empty<Measurement<double>>(), "s",
        "When this process last finished a backup of a memory, in seconds since 1970.");

    private static long s_left = -1, s_backedUp = -1;

    /// <summary>Runs an operation, and measures it where somebody listens. One that its caller cancelled says nothing of the store and is not measured.</summary>
    public static ValueTask<T> MeasureAsync<T>(string store, string operation, Func<ValueTask<T>> run) => s_duration.Enabled ? TimedAsync(store, operation, run) : run();

    /// <summary>The operation a transaction counts as: what its only change does, or <c>execute</c>.</summary>
    public static string OperationOf(MemoryTransaction transaction) => transaction?.Operations is [var only]
        ? only switch { MemoryUpsert => "upsert", MemoryPatch or MemoryEmbed => "update", MemoryDelete => "delete", _ => "execute" }
        : "execute";

    /// <summary>Tells how many memories a round of upkeep left without a vector of the present model.</summary>
    public static void LeftToEmbed(long memories) => Interlocked.Exchange(ref s_left, memories);

    /// <summary>Tells that a backup is complete.</summary>
    public static void BackedUp(DateTimeOffset when) => Interlocked.Exchange(ref s_backedUp, when.ToUnixTimeMilliseconds());

    /// <summary>Makes a gauge on the meter.</summary>
    public static ObservableGauge<double> Gauge(string name, Func<IEnumerable<Measurement<double>>> read, string description) => s_meter.CreateObservableGauge(name, read, null, description);

    private static long? Backlog() => Interlocked.Read(ref s_left) is >= 0 and var left ? left : null;

    private static double? Backup() => Interlocked.Read(ref s_backedUp) is >= 0 and var at ? at / 1_000.0 : null;

    private static async ValueTask<T> TimedAsync<T>(string store, string operation, Func<ValueTask<T>> run)
    {
        long began = TimeProvider.System.GetTimestamp();
        string outcome = "success";
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
            if (outcome.Length > 0)
            {
                s_duration.Record(TimeProvider.System.GetElapsedTime(began).TotalSeconds, new("op", operation), new("store", store), new("outcome", outcome));
            }
        }
    }
}
