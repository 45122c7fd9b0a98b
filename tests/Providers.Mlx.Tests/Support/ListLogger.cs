using Microsoft.Extensions.Logging;

namespace Providers.Mlx.Tests;

/// <summary>Keeps what was logged and lets a test wait for a line.</summary>
internal sealed class ListLogger : ILogger, ILoggerFactory
{
    private readonly Lock _lock = new();
    private readonly List<(int Id, LogLevel Level, string Text)> _entries = [];
    private readonly List<(Func<(int Id, LogLevel Level, string Text), bool> Match, int Count, TaskCompletionSource Done)> _waiting = [];

    public IReadOnlyList<(int Id, LogLevel Level, string Text)> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    public Task WaitForAsync(int eventId, int count = 1) => WaitForAsync(e => e.Id == eventId, count);

    public Task WaitForAsync(Func<(int Id, LogLevel Level, string Text), bool> match, int count = 1)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_entries.Count(match) >= count)
            {
                return Task.CompletedTask;
            }

            _waiting.Add((match, count, done));
        }

        return done.Task.WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lock)
        {
            _entries.Add((eventId.Id, logLevel, formatter(state, exception)));
            foreach ((Func<(int, LogLevel, string), bool> match, int count, TaskCompletionSource done) in _waiting)
            {
                if (_entries.Count(match) >= count)
                {
                    done.TrySetResult();
                }
            }
        }
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
