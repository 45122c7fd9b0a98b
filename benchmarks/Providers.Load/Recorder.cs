using System.Collections.Concurrent;
using System.Globalization;

namespace Providers.Load;

/// <summary>What each request took, by kind. Safe for concurrent use.</summary>
internal sealed class Recorder
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<double>> _milliseconds = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _errors = new();
    private int _count;
    private int _failed;

    public int Count => Volatile.Read(ref _count);

    public int Failed => Volatile.Read(ref _failed);

    public IEnumerable<string> Errors => _errors.Take(10);

    public bool EveryKindServed => _milliseconds.Count == Mix.Kinds;

    public void Served(string kind, double milliseconds)
    {
        _milliseconds.GetOrAdd(kind, static _ => []).Add(milliseconds);
        Interlocked.Increment(ref _count);
    }

    public void Fail(string kind, Exception error)
    {
        Interlocked.Increment(ref _count);
        if (Interlocked.Increment(ref _failed) <= 10)
        {
            _errors.Enqueue($"{kind}: {error.GetType().Name}: {error.Message}");
        }
    }

    public string Table(TimeSpan elapsed) => string.Join('\n', (string[])
    [
        "| request | count | a second | p50 ms | p95 ms | p99 ms | slowest ms |", "|---|---|---|---|---|---|---|",
        .. _milliseconds.OrderBy(static m => m.Key, StringComparer.Ordinal).Select(m =>
        {
            double[] sorted = [.. m.Value.Order()];
            return string.Create(CultureInfo.InvariantCulture,
                $"| {m.Key} | {sorted.Length} | {sorted.Length / elapsed.TotalSeconds:F0} | {At(sorted, 0.5):F1} | {At(sorted, 0.95):F1} | {At(sorted, 0.99):F1} | {sorted[^1]:F1} |");
        }),
    ]);

    private static double At(double[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
}
