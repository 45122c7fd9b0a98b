using System.Collections.Concurrent;
using Providers.Circuits;
using Providers.Limits;

namespace Providers.Plans;

/// <summary>One provider at work: its clients, its limits, its health, and the state of each of its models.</summary>
internal sealed class ProviderState(IModelProvider provider, ProviderLimits limits, Func<string?, Circuit> createCircuit)
{
    private readonly ConcurrentDictionary<string, TargetState> _targets = new(StringComparer.Ordinal);
    private volatile int _health;
    private volatile bool _draining;
    private volatile string? _healthDetail;

    public IModelProvider Provider { get; } = provider;

    public string Name { get; } = provider.Descriptor.Name;

    public ProviderLimits Limits { get; } = limits;

    public ProviderHealth Health => (ProviderHealth)_health;

    public string? HealthDetail => _healthDetail;

    public bool IsDraining
    {
        get => _draining;
        set => _draining = value;
    }

    /// <summary>Gets the targets there are to see: where models are declared, the one for undeclared models only once it was used.</summary>
    public IEnumerable<TargetState> Targets => _targets.Values
        .Where(t => t.Model is not null || t.WasUsed || Provider.Descriptor.Models.Count == 0)
        .OrderBy(static t => t.Model, StringComparer.Ordinal);

    public TargetState this[string? model] => _targets.GetOrAdd(model ?? "", _ => new TargetState(Name, model, createCircuit(model)));

    /// <summary>Takes over what an operator ordered of the state before: its drain, and the circuits that are isolated.</summary>
    public void Heed(ProviderState before)
    {
        IsDraining = before.IsDraining;
        IReadOnlyList<ModelDescriptor> models = Provider.Descriptor.Models;
        foreach (TargetState target in before._targets.Values.Where(t => t.Circuit.State is CircuitState.Isolated
            && (t.Model is null || models.Count == 0 || models.Any(m => m.Id == t.Model))))
        {
            this[target.Model].Circuit.Isolate();
        }
    }

    public void SetHealth(ProviderHealth health, string? detail)
    {
        _healthDetail = detail;
        _health = (int)health;
    }
}
