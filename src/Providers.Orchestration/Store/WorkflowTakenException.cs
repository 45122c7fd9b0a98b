namespace Providers.Orchestration;

/// <summary>A workflow goes on elsewhere, or later: this run of it is over, and what was asked for was not done.</summary>
internal sealed class WorkflowTakenException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    public static WorkflowTakenException ByAnother(string workflow, Exception? refusal) => new($"Workflow '{workflow}' was changed by another engine, and not by this one; try again.", refusal);

    public static WorkflowTakenException Stopping(string workflow) => new($"The host stops, and nothing was changed; workflow '{workflow}' goes on when it starts again.");
}
