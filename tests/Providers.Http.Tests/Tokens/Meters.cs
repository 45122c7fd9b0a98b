using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Providers.Http.Tests.Tokens;

/// <summary>Sums one of our counters by the label <c>result</c>.</summary>
internal sealed class Meters : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _sums = new();

    public Meters(string name)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Providers" && instrument.Name == name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach ((string key, object? label) in tags)
            {
                if (key == "result")
                {
                    _sums.AddOrUpdate((string)label!, value, (_, sum) => sum + value);
                }
            }
        });
        _listener.Start();
    }

    public IEnumerable<string> Results => _sums.Keys;

    public long Of(string result) => _sums.GetValueOrDefault(result);

    public void Dispose() => _listener.Dispose();
}
