using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Providers.Telemetry;
using Providers.Timing;

namespace Providers.Plans;

/// <summary>
/// Holds the plan in force and swaps it whole when the configuration changes. A change with errors is logged and counted, and the last
/// good plan stays. Providers that a new plan dropped are disposed after the last request of the old one.
/// </summary>
internal sealed class PlanSource : IAsyncDisposable
{
    private readonly PlanInput _input;
    private readonly PlanBuilder _builder;
    private readonly Func<CompositeOptions> _createOptions;
    private readonly CompositeTelemetry _telemetry;
    private readonly Clock _clock;
    private readonly Lock _reloading = new();
    private readonly List<Task> _retiring = [];
    private readonly IDisposable? _watch;
    private volatile CompositePlan _current;
    private long _loadedAt;
    private volatile bool _disposed;
    private volatile bool _stopping;

    /// <exception cref="OptionsValidationException">The configuration has errors; all are named.</exception>
    public PlanSource(PlanInput input, PlanBuilder builder, Func<CompositeOptions> createOptions, CompositeTelemetry telemetry, Clock clock)
    {
        _input = input;
        _builder = builder;
        _createOptions = createOptions;
        _telemetry = telemetry;
        _clock = clock;
        ConfigurationErrors errors = new(input.Root);
        _current = TryLoad(errors) ?? throw new OptionsValidationException(input.Root, typeof(CompositeOptions), errors.Messages);
        _loadedAt = clock.Provider.GetUtcNow().ToUnixTimeSeconds();
        telemetry.Observe(() => _current, () => Volatile.Read(ref _loadedAt), () => builder.Book);
        if (telemetry.Log.IsEnabled(LogLevel.Information))
        {
            telemetry.Log.Started(PlanReport.Write(_current, clock));
        }

        if (input.Section is { } section)
        {
            _watch = ChangeToken.OnChange(section.GetReloadToken, Reload);
        }
    }

    /// <summary>Raised after a swap, with the new plan.</summary>
    public event Action<CompositePlan>? Changed;

    public CompositePlan Current => _current;

    /// <summary>Gets or sets a value indicating whether the host was told to stop.</summary>
    public bool IsStopping
    {
        get => _stopping;
        set => _stopping = value;
    }

    /// <summary>Gets what was spent; <see langword="null"/> until there is a budget.</summary>
    public Budgets.BudgetBook? Book => _builder.Book;

    /// <summary>Takes the plan in force and counts the caller in.</summary>
    public CompositePlan Acquire()
    {
        while (true)
        {
            CompositePlan plan = _current;
            plan.Enter();
            if (ReferenceEquals(plan, _current))
            {
                return plan;
            }

            plan.Leave(); // it was swapped in between: what it drops may be disposed already
        }
    }

    /// <summary>Reads the configuration again; keeps the last good plan when it has errors.</summary>
    public void Reload()
    {
        CompositePlan next, old;
        lock (_reloading)
        {
            if (_disposed)
            {
                return;
            }

            ConfigurationErrors errors = new(_input.Root);
            if (TryReload(errors) is not { } loaded)
            {
                _telemetry.Reloaded(success: false);
                _telemetry.Log.ReloadRefused(errors.Messages.Count, string.Join(" ", errors.Messages));
                return;
            }

            old = _current;
            next = loaded;
            _current = next;
            Volatile.Write(ref _loadedAt, _clock.Provider.GetUtcNow().ToUnixTimeSeconds());
            old.Retire();
            _retiring.RemoveAll(static t => t.IsCompleted);
            _retiring.Add(DisposeDroppedAsync(old, next));
        }

        _telemetry.Reloaded(success: true);
        if (_telemetry.Log.IsEnabled(LogLevel.Information))
        {
            _telemetry.Log.Reloaded(PlanReport.Write(next, _clock));
        }

        Changed?.Invoke(next);
    }

    public async ValueTask DisposeAsync()
    {
        Task[] retiring;
        lock (_reloading)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            retiring = [.. _retiring];
        }

        _watch?.Dispose();
        foreach (ProviderState provider in _current.Providers)
        {
            await ProviderDisposal.DisposeAsync(provider.Provider, _telemetry.Log).ConfigureAwait(false);
        }

        await Task.WhenAll(retiring).ConfigureAwait(false);
        await _builder.DisposeAsync().ConfigureAwait(false);
    }

    // Whatever a factory or a delegate of the host throws: it is called by whoever watches the configuration, and must not end that.
    private CompositePlan? TryReload(ConfigurationErrors errors)
    {
        try
        {
            return TryLoad(errors);
        }
        catch (Exception e)
        {
            errors.Add("", $"{e.GetType().Name}: {e.Message}");
            return null;
        }
    }

    private CompositePlan? TryLoad(ConfigurationErrors errors)
    {
        try
        {
            return _builder.TryBuild(_createOptions(), errors);
        }
        catch (InvalidOperationException e)
        {
            // The binder stops at the first value it cannot read, and names its key.
            errors.Add("", $"{e.Message} {e.InnerException?.Message}".TrimEnd());
            return null;
        }
    }

    private async Task DisposeDroppedAsync(CompositePlan old, CompositePlan next)
    {
        await old.Idle.ConfigureAwait(false);
        foreach (ProviderState state in old.Providers)
        {
            if (!next.Providers.Any(p => ReferenceEquals(p.Provider, state.Provider)))
            {
                await ProviderDisposal.DisposeAsync(state.Provider, _telemetry.Log).ConfigureAwait(false);
            }
        }
    }
}
