using Microsoft.Extensions.Time.Testing;
using Providers.Orchestration;

namespace Providers.Conformance.Orchestration;

/// <summary>An engine in one or more hosts, with actors for handlers and a clock that the test moves.</summary>
public interface IWorkflowStage : IAsyncDisposable
{
    IWorkflowEngine Engine { get; }

    FakeTimeProvider Time { get; }

    Actors Actors { get; }

    /// <summary>Gets a tenant without workflows.</summary>
    string Tenant { get; }

    /// <summary>Gets another one, with the same actors.</summary>
    string OtherTenant { get; }

    /// <summary>Stops the host of a workflow in good order; another one goes on from what was kept.</summary>
    Task ChangeHostAsync(string workflowId);
}
