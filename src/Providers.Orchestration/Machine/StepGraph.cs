namespace Providers.Orchestration;

/// <summary>Who depends on whom, in indexes.</summary>
internal sealed class StepGraph
{
    private readonly int[][] _needs;

    public StepGraph(IReadOnlyList<(string Id, IReadOnlyList<string> DependsOn)> nodes)
    {
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        for (int i = 0; i < nodes.Count; i++)
        {
            places.TryAdd(nodes[i].Id, i);
        }

        _needs = [.. nodes.Select(n => n.DependsOn.Where(places.ContainsKey).Select(d => places[d]).Distinct().ToArray())];
        Levels = LevelsOf(_needs);
    }

    /// <summary>Gets the length of the longest way to each node; -1 for a node on a cycle or behind one.</summary>
    public int[] Levels { get; }

    public static StepGraph Of(WorkflowDefinition definition) => new([.. definition.Steps.Select(static s => (s.Id, s.DependsOn))]);

    public IReadOnlyList<int> Needs(int node) => _needs[node];

    /// <summary>All a node depends on, directly or not.</summary>
    public IReadOnlySet<int> Ancestors(int node)
    {
        HashSet<int> found = [];
        Stack<int> open = new(_needs[node]);
        while (open.TryPop(out int next))
        {
            if (found.Add(next))
            {
                foreach (int need in _needs[next])
                {
                    open.Push(need);
                }
            }
        }

        return found;
    }

    private static int[] LevelsOf(int[][] needs)
    {
        int[] levels = new int[needs.Length];
        Array.Fill(levels, -1);
        bool moved = true;
        while (moved)
        {
            moved = false;
            for (int i = 0; i < needs.Length; i++)
            {
                if (levels[i] < 0 && needs[i].All(n => levels[n] >= 0))
                {
                    levels[i] = needs[i].Length == 0 ? 0 : 1 + needs[i].Max(n => levels[n]);
                    moved = true;
                }
            }
        }

        return levels;
    }
}
