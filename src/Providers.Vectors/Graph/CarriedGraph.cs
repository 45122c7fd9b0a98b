namespace Providers.Vectors;

/// <summary>A graph on its way into a row set without the dead: which rows lost links, and which hang together by tree links again.</summary>
internal sealed unsafe class CarriedGraph(HnswGraph graph, int rows)
{
    /// <summary>
    /// How often mending goes through all rows, in this order: new links by search for rows that lost some, tree links, links of both
    /// directions, other links, pieces still alone.
    /// </summary>
    public const int Passes = 5;

    private readonly int[] _up = [.. Enumerable.Range(0, rows)];
    private readonly bool[] _hurt = new bool[rows];

    public HnswGraph Graph { get; } = graph;

    public int Rows { get; } = rows;

    public bool IsHurt(int row) => _hurt[row];

    /// <summary>Takes over the links of the rows <paramref name="start"/> to <paramref name="end"/> of the old set, as far as they lead to rows that are alive.</summary>
    /// <param name="from">The graph in use.</param>
    /// <param name="map">The new row of each old one, -1 for the dead.</param>
    /// <param name="start">The first old row.</param>
    /// <param name="end">One beyond the last.</param>
    public void Carry(HnswGraph from, ReadOnlySpan<int> map, int start, int end)
    {
        for (int row = start; row < end; row++)
        {
            int owner = map[row];
            if (owner < 0)
            {
                continue;
            }

            int highest = Graph.LevelOf(owner);
            for (int level = 0; level <= highest; level++)
            {
                _hurt[owner] |= Copy(from.LinksOf(row, level), Graph.LinksOf(owner, level), Graph.Degree(level), map);
            }

            Graph.Promote(owner, highest);
        }
    }

    /// <summary>The row that stands for all that hang together with this one.</summary>
    public int Piece(int row)
    {
        while (_up[row] != row)
        {
            row = _up[row] = _up[_up[row]];
        }

        return row;
    }

    public void Join(int piece, int other) => _up[other] = piece;

    /// <summary>Whether a row may get one more tree link.</summary>
    public bool HasRoom(int row) => Edge.CountTree(Graph.LinksOf(row, 0), Graph.Degree(0)) < Graph.Degree(0);

    /// <summary>Whether one row has a link to another.</summary>
    public bool Holds(int owner, int row)
    {
        int* links = Graph.LinksOf(owner, 0);
        int at = Edge.Find(links, Graph.Degree(0), row);
        return at < Graph.Degree(0) && links[at] != 0;
    }

    private static bool Copy(int* old, int* own, int degree, ReadOnlySpan<int> map)
    {
        int kept = 0;
        bool lost = false;
        for (int i = 0; i < degree && old[i] != 0; i++)
        {
            int next = Edge.Row(old[i]);
            if (next >= map.Length)
            {
                continue; // newer than the copy: it is linked afterwards
            }

            if (map[next] < 0)
            {
                lost = true;
                continue;
            }

            own[kept++] = Edge.To(map[next], Edge.IsTree(old[i]));
        }

        return lost;
    }
}
