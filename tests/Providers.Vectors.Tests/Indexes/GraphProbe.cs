namespace Providers.Vectors.Tests;

/// <summary>Walks the lowest level of a graph without measuring anything.</summary>
internal static unsafe class GraphProbe
{
    /// <summary>Every live row is reached from the first one, and the first one from every row, so each from each.</summary>
    public static void ShouldHangTogether(View view, int seed)
    {
        if (view.Live == 0)
        {
            return;
        }

        List<int>[] there = [.. Enumerable.Range(0, view.Count).Select(row => Links(view, row))];
        List<int>[] back = [.. there.Select(_ => new List<int>())];
        for (int row = 0; row < there.Length; row++)
        {
            there[row].ForEach(next => back[next].Add(row));
        }

        Unreached(view, there).Should().BeEmpty("a walk from the first row reaches all (seed {0})", seed);
        Unreached(view, back).Should().BeEmpty("a walk from any row reaches the first (seed {0})", seed);
    }

    private static int[] Unreached(View view, List<int>[] links)
    {
        var seen = new bool[links.Length];
        var left = new Stack<int>([0]);
        seen[0] = true;
        while (left.TryPop(out int row))
        {
            foreach (int next in links[row].Where(next => !seen[next]))
            {
                seen[next] = true;
                left.Push(next);
            }
        }

        return [.. Enumerable.Range(0, links.Length).Where(row => !seen[row] && !RowSet.IsDead(view.Chunks, row))];
    }

    private static List<int> Links(View view, int row)
    {
        RowLayout layout = view.Rows.Layout;
        int* links = HnswGraph.Links(view.Chunks, layout, row);
        var list = new List<int>();
        for (int i = 0; i < layout.Links && links[i] != 0; i++)
        {
            list.Add(Edge.Row(links[i]));
        }

        return list;
    }
}
