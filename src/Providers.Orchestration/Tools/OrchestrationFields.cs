using Providers.Tools.Shapes;

namespace Providers.Orchestration.Tools;

/// <summary>The fields that several orchestration tools share.</summary>
internal static class OrchestrationFields
{
    public static readonly string[] Strategies = [.. Enum.GetNames<WorkflowStrategy>().Select(static n => n.ToLowerInvariant())];
    public static readonly string[] Statuses = [.. Enum.GetNames<WorkTaskStatus>().Select(static n => n.ToLowerInvariant())];

    public static Field WorkflowId => new("workflow_id", Name("The workflow's id, as workflow_execute gave it."), true);

    public static Field Strategy => new("strategy", new TextShape { Choices = Strategies, Description = "How the work is ordered; sequential when left out." });

    public static Field Context => new("context", new MapShape { Description = "What every step can see, as {{context}} in its input." });

    public static Field DependsOn => new("depends_on", new ListShape(Name()) { Most = 32, Description = "The ids of those that must be done before." });

    public static Field Reason => new("reason", new TextShape { Most = 512, Description = "Why, for the history." });

    public static TextShape Name(string? description = null) => new() { Most = 64, IsName = true, Description = description };

    public static TextShape Text(int most, string? description = null, int least = 1) => new() { Least = least, Most = most, Description = description };

    public static NumberShape Whole(double least, double most, string? description = null, double? otherwise = null) => new() { Least = least, Most = most, Whole = true, Description = description, Default = otherwise };

    public static NumberShape Share() => new() { Least = 0, Most = 1 };

    public static TextShape Any() => new() { Least = 0, Most = int.MaxValue };

    public static TextShape Moment() => new() { IsMoment = true };
}
