using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Providers.Operations.Tests;

/// <summary>Keeps warnings and worse, so that a test that waits in vain can say why.</summary>
internal sealed class LastLogs : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IEnumerable<string> Last(int count) => _lines.TakeLast(count);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _lines.Enqueue($"{formatter(state, exception)} {exception}");
        if (_lines.Count > 1_000)
        {
            _lines.TryDequeue(out _);
        }
    }

    public void Dispose()
    {
    }
}
