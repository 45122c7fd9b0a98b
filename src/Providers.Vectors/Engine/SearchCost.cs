namespace Providers.Vectors;

/// <summary>A moving average of what searches take; one in sixteen is timed.</summary>
internal sealed class SearchCost(TimeProvider clock)
{
    private int _calls;
    private double _milliseconds;

    public double Milliseconds => Volatile.Read(ref _milliseconds);

    public long Start() => (Interlocked.Increment(ref _calls) & 15) == 0 ? clock.GetTimestamp() : 0;

    public void Stop(long start, VectorSearchOptions? options)
    {
        // A filtered or forced-exact search says nothing about the structure in use.
        if (start != 0 && options is not ({ Exact: true } or { Filter: not null }))
        {
            double took = clock.GetElapsedTime(start).TotalMilliseconds, before = Milliseconds;
            Volatile.Write(ref _milliseconds, before == 0 ? took : before + ((took - before) / 8));
        }
    }
}
