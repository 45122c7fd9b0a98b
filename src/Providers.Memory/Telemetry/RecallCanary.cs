using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Providers.Memory;

/// <summary>Now and then repeats a search by vector over every vector, off the caller's way, and keeps the share of the true nearest that the index had found. Safe for concurrent use.</summary>
/// <param name="store">The kind of store, the gauge's label.</param>
internal sealed class RecallCanary(string store)
{
    /// <summary>Of how many searches one is repeated.</summary>
    public const int Every = 256;

    private const int Kept = 100;
    private static readonly ConcurrentDictionary<string, Queue<double>> s_samples = new(StringComparer.Ordinal);
    private static readonly ObservableGauge<double> s_recall = MemoryMetrics.Gauge("memory.search.recall", Read, "Share of the true nearest vectors that searches found, mean of the last hundred that were repeated exactly, by store.");
    private int _searches;
    private int _running;

    /// <summary>Whether this search is one to repeat.</summary>
    public bool IsDue() => s_recall.Enabled && Interlocked.Increment(ref _searches) % Every == 1 && Interlocked.Exchange(ref _running, 1) == 0;

    /// <summary>Repeats a search.</summary>
    /// <param name="found">What the index found.</param>
    /// <param name="exact">Finds as many by comparing every vector.</param>
    /// <returns>A task that ends when the sample is kept; it does not fail.</returns>
    public Task RepeatAsync(long[] found, Func<IReadOnlyList<long>> exact) => Task.Run(() =>
    {
        try
        {
            IReadOnlyList<long> nearest = exact();
            if (nearest.Count > 0)
            {
                Keep((double)nearest.Intersect(found).Count() / nearest.Count);
            }
        }
#pragma warning disable CA1031 // a sample that cannot be taken is none; the search it shadows has long been answered
        catch (Exception)
#pragma warning restore CA1031
        {
        }
        finally
        {
            Interlocked.Exchange(ref _running, 0);
        }
    });

    private static IEnumerable<Measurement<double>> Read()
    {
        foreach ((string kind, Queue<double> samples) in s_samples)
        {
            double? mean;
            lock (samples)
            {
                mean = samples.Count == 0 ? null : samples.Average();
            }

            if (mean is { } share)
            {
                yield return new Measurement<double>(share, new KeyValuePair<string, object?>("store", kind));
            }
        }
    }

    private void Keep(double recall)
    {
        Queue<double> samples = s_samples.GetOrAdd(store, static _ => new Queue<double>());
        lock (samples)
        {
            samples.Enqueue(recall);
            if (samples.Count > Kept)
            {
                samples.Dequeue();
            }
        }
    }
}
