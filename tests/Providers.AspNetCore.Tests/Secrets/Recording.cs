using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Providers.AspNetCore.Tests.Secrets;

/// <summary>Everything a host tells its operators: logs at every level, all activities, all measurements.</summary>
internal sealed class Recording : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters = new();

    public Recording()
    {
        _activities = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = a => Add($"activity {a.DisplayName} {a.StatusDescription} {string.Join(' ', a.TagObjects)} {string.Join(' ', a.Events.SelectMany(static e => e.Tags))} {string.Join(' ', a.Baggage)}"),
        };
        ActivitySource.AddActivityListener(_activities);
        _meters.InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _meters.SetMeasurementEventCallback<long>((i, v, tags, _) => Add(Text(i, v, tags)));
        _meters.SetMeasurementEventCallback<int>((i, v, tags, _) => Add(Text(i, v, tags)));
        _meters.SetMeasurementEventCallback<double>((i, v, tags, _) => Add(Text(i, v, tags)));
        _meters.Start();
    }

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Add($"scope {state}");
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string fields = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs) : "";
        Add($"log {logLevel} {formatter(state, exception)} {fields} {exception}");
    }

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
    }

    private static string Text<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => $"metric {instrument.Name} {value} {string.Join(' ', tags.ToArray())}";

    private void Add(string line) => _lines.Enqueue(line);
}
