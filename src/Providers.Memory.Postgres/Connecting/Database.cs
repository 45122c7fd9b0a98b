using Microsoft.Extensions.Logging;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>The way to the server: connections, the tables as they are found, and trying again where that is safe.</summary>
internal sealed class Database : IAsyncDisposable
{
    private const int Collisions = 100; // transactions undone for one another follow at once; so many in a row are a fault
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly NpgsqlDataSource _source;
    private readonly PostgresMemoryOptions _options;
    private readonly TimeProvider _clock;
    private readonly bool _owned;
    private volatile Layout? _layout;

    public Database(PostgresMemoryOptions options, TimeProvider clock, ILogger logger)
    {
        _options = options;
        _clock = clock;
        Logger = logger;
        _owned = options.DataSource is null;
        _source = options.DataSource ?? Source(options.ConnectionString);
        NpgsqlConnectionStringBuilder at = new(_source.ConnectionString);
        Where = $"{at.Host}:{at.Port}/{at.Database}";
    }

    public ILogger Logger { get; }

    /// <summary>Gets server and database, without secrets.</summary>
    public string Where { get; }

    public PostgresMemoryOptions Options => _options;

    /// <summary>Looks at the tables again before the next piece of work.</summary>
    public void Forget() => _layout = null;

    /// <summary>Runs work that may be repeated as it pleases.</summary>
    public Task<T> ReadAsync<T>(Func<Attempt, Task<T>> work, CancellationToken cancellationToken) => RunAsync(work, true, cancellationToken);

    /// <summary>Runs work, and tries again where that is safe.</summary>
    /// <param name="work">The work.</param>
    /// <param name="repeatable">Whether it may run again although it may have been committed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MemoryUnavailableException">The server is away, or refuses.</exception>
    public async Task<T> RunAsync<T>(Func<Attempt, Task<T>> work, bool repeatable, CancellationToken cancellationToken)
    {
        long started = _clock.GetTimestamp();
        int collisions = 0, looks = 0;
        for (int attempt = 1; ; attempt++)
        {
            Attempt? now = null;
            Exception error;
            try
            {
                NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    Layout layout = _layout ?? await OpenAsync(connection, cancellationToken).ConfigureAwait(false);
                    return await work(now = new Attempt(connection, layout, cancellationToken)).ConfigureAwait(false);
                }
                finally
                {
                    if (now is not { Kept: true })
                    {
                        await connection.DisposeAsync().ConfigureAwait(false);
                    }
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failure.Judge(e) is not Verdict.Foreign)
            {
                error = e;
            }

            bool unknown = now is { Committing: true } && !Failure.IsAnswer(error);
            Verdict verdict = Failure.Judge(error);
            if (verdict is Verdict.Undone && ++collisions < Collisions)
            {
                continue;
            }

            if (verdict is Verdict.Changed && ++looks < 3)
            {
                Forget();
                continue;
            }

            TimeSpan delay = TimeSpan.FromMilliseconds(Math.Min(1_000, 25 << Math.Min(attempt, 6)));
            if (verdict is not Verdict.Away || (unknown && !repeatable) || _clock.GetElapsedTime(started) + delay > _options.RetryFor)
            {
                throw Failure.Wrap(error, Where, unknown);
            }

            Logger.TryingAgain(error.GetType().Name, attempt + 1, delay.TotalMilliseconds);
            await Task.Delay(delay, _clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Goes on with what was begun; a failure is said in the memory's words, and not tried again.</summary>
    public async Task<T> GuardAsync<T>(Func<Task<T>> step, CancellationToken cancellationToken)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failure.Judge(e) is not Verdict.Foreign)
        {
            throw Failure.Wrap(e, Where, unknown: false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _opening.Dispose();
        if (_owned)
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static NpgsqlDataSource Source(string connectionString)
    {
        NpgsqlSlimDataSourceBuilder builder = new(connectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        builder.UseVector();
        return builder.Build();
    }

    private async Task<Layout> OpenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _layout ??= await new Opening(connection, _options, Logger).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }
}
