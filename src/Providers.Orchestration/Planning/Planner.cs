namespace Providers.Orchestration;

/// <summary>Orders tasks by their dependencies and estimates the whole.</summary>
internal static class Planner
{
    /// <summary>What a task is counted with when nobody said how long it takes, in minutes.</summary>
    public const double UnknownMinutes = 15;

    /// <exception cref="WorkflowValidationException">Tasks depend on what is not there, or on each other in a circle.</exception>
    public static WorkflowPlan Plan(string id, string name, string goal, WorkflowStrategy strategy, IReadOnlyList<PlanTask> tasks, Func<string, bool> isServed)
    {
        StepGraph graph = Check(tasks);
        bool oneAtATime = strategy is WorkflowStrategy.Sequential;
        PlanTask[][] levels = [.. Enumerable.Range(0, tasks.Count).GroupBy(i => graph.Levels[i]).OrderBy(static g => g.Key).Select(g => g.Select(i => tasks[i]).ToArray())];
        return new WorkflowPlan(id, name, strategy, oneAtATime ? [.. levels.SelectMany(static l => l).Select(static t => (IReadOnlyList<PlanTask>)[t])] : levels)
        {
            Goal = goal,
            EstimatedMinutes = oneAtATime ? tasks.Sum(static t => t.Minutes ?? UnknownMinutes) : LongestWay(tasks, graph),
            Confidence = Confidence(tasks, isServed),
        };
    }

    private static StepGraph Check(IReadOnlyList<PlanTask> tasks)
    {
        List<string> errors = [.. tasks.GroupBy(static t => t.Id, StringComparer.Ordinal).Where(static g => g.Count() > 1).Select(static g => $"tasks: {g.Count()} have the id '{g.Key}'; each needs its own.")];
        HashSet<string> ids = new(tasks.Select(static t => t.Id), StringComparer.Ordinal);
        errors.AddRange(tasks.SelectMany(t => t.DependsOn.Where(d => !ids.Contains(d)).Select(d => $"tasks.{t.Id}.depends_on: there is no task '{d}'; there are: {string.Join(", ", ids.Order(StringComparer.Ordinal))}.")));
        StepGraph graph = new([.. tasks.Select(static t => (t.Id, t.DependsOn))]);
        if (graph.Levels.Any(static l => l < 0))
        {
            errors.Add($"tasks: '{string.Join("', '", tasks.Where((_, i) => graph.Levels[i] < 0).Select(static t => t.Id))}' depend on each other in a circle.");
        }

        return errors.Count == 0 ? graph : throw new WorkflowValidationException(errors);
    }

    private static double LongestWay(IReadOnlyList<PlanTask> tasks, StepGraph graph)
    {
        double[] done = new double[tasks.Count];
        foreach (int i in Enumerable.Range(0, tasks.Count).OrderBy(i => graph.Levels[i]))
        {
            done[i] = (tasks[i].Minutes ?? UnknownMinutes) + graph.Needs(i).Select(n => done[n]).DefaultIfEmpty(0).Max();
        }

        return done.Max();
    }

    /// <summary>The share of facts a plan rests on that are known: each task's minutes, and for each capability it needs, whether something here has it.</summary>
    private static double Confidence(IReadOnlyList<PlanTask> tasks, Func<string, bool> isServed)
    {
        int facts = tasks.Sum(static t => 1 + t.Capabilities.Count);
        int known = tasks.Sum(t => (t.Minutes is null ? 0 : 1) + t.Capabilities.Count(isServed));
        return Math.Round((double)known / facts, 2);
    }
}
