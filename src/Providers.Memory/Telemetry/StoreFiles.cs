using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Providers.Memory;

/// <summary>The files of one open store, whose sizes are measured while it is open. Safe for concurrent use.</summary>
internal sealed class StoreFiles : IDisposable
{
    private static readonly ConcurrentDictionary<StoreFiles, byte> s_open = new();
    private readonly string _store;
    private readonly Func<long> _indexes;
    private readonly Func<long> _log;

    /// <summary>Measures the files of a store from now on.</summary>
    /// <param name="store">The kind of store, the gauges' label; stores of one kind are added up.</param>
    /// <param name="indexes">Gives the bytes of its files of vectors.</param>
    /// <param name="log">Gives the bytes of its write-ahead log.</param>
    public StoreFiles(string store, Func<long> indexes, Func<long> log)
    {
        (_store, _indexes, _log) = (store, indexes, log);
        s_open[this] = 0;
    }

    /// <summary>The bytes of the files of vectors, by store.</summary>
    public static IEnumerable<Measurement<long>> Indexes() => Sum(static f => f._indexes());

    /// <summary>The bytes of the write-ahead logs, by store.</summary>
    public static IEnumerable<Measurement<long>> Logs() => Sum(static f => f._log());

    /// <summary>Measures them no more.</summary>
    public void Dispose() => s_open.TryRemove(this, out _);

    /// <summary>The bytes of a file; 0 where it is not there.</summary>
    public static long Length(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? file.Length : 0;
    }

    private static IEnumerable<Measurement<long>> Sum(Func<StoreFiles, long> size) => s_open.Keys
        .GroupBy(static f => f._store, StringComparer.Ordinal)
        .Select(stores => new Measurement<long>(stores.Sum(size), new KeyValuePair<string, object?>("store", stores.Key)));
}
