using System.Collections.Concurrent;

namespace Providers.Orchestration;

/// <summary>A handler by its name.</summary>
internal sealed record StepRegistration(string Name, Func<IServiceProvider, IWorkflowStep> Create);

/// <summary>The handlers of a host; the last registration of a name counts. Each is made when it is first needed.</summary>
internal sealed class StepRegistry(IEnumerable<StepRegistration> registrations, IServiceProvider services)
{
    private readonly Dictionary<string, StepRegistration> _registrations = registrations.GroupBy(static r => r.Name, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Last(), StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<IWorkflowStep>> _steps = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => _registrations.Keys;

    public bool Has(string name) => _registrations.ContainsKey(name);

    public IWorkflowStep Get(string name) => _registrations.TryGetValue(name, out StepRegistration? registration)
        ? _steps.GetOrAdd(name, static (_, a) => new Lazy<IWorkflowStep>(() => a.registration.Create(a.services)), (registration, services)).Value
        : throw new WorkflowStepException($"No handler '{name}' is registered here; there are: {string.Join(", ", Names.Order(StringComparer.Ordinal))}.", retry: false);
}
