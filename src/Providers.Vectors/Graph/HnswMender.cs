namespace Providers.Vectors;

/// <summary>
/// Mends a graph that lost its dead rows. A row that lost links searches for others from those it kept, much narrower than construction
/// does. Then one tree is made again of the pieces: they are tied together where a link between them is left, and a piece without one is
/// linked in by search.
/// </summary>
internal static unsafe class HnswMender<TKernels>
    where TKernels : struct, IKernels
{
    /// <summary>Does the work of one pass for the rows <paramref name="start"/> to <paramref name="end"/>.</summary>
    public static void Mend(CarriedGraph carried, int pass, int start, int end)
    {
        for (int row = start; row < end; row++)
        {
            if (pass == 0)
            {
                Heal(carried, row);
            }
            else if (pass < CarriedGraph.Passes - 1)
            {
                Follow(carried, pass, row);
            }
            else
            {
                Attach(carried, row);
            }
        }
    }

    private static void Heal(CarriedGraph carried, int row)
    {
        if (carried.IsHurt(row))
        {
            for (int level = carried.Graph.LevelOf(row); level >= 0; level--)
            {
                HnswBuilder<TKernels>.Heal(carried.Graph, row, level, carried.Rows);
            }
        }
    }

    private static void Follow(CarriedGraph carried, int pass, int row)
    {
        HnswGraph graph = carried.Graph;
        int* links = graph.LinksOf(row, 0);
        for (int i = 0; i < graph.Degree(0) && links[i] != 0; i++)
        {
            int next = Edge.Row(links[i]), piece = carried.Piece(row), other = carried.Piece(next);
            if (piece == other)
            {
                continue;
            }

            bool joined = Edge.IsTree(links[i]);
            if (!joined && pass > 1 && carried.HasRoom(row) && (pass > 2 || carried.Holds(next, row)))
            {
                joined = HnswLinks<TKernels>.Tie(graph, row, next);
            }

            if (joined)
            {
                carried.Join(piece, other);
            }
        }
    }

    private static void Attach(CarriedGraph carried, int row)
    {
        HnswGraph graph = carried.Graph;
        int main = carried.Piece(graph.View.Entry), piece = carried.Piece(row);
        if (piece == main || !carried.HasRoom(row))
        {
            return; // every piece has a row with room, for a tree has leaves
        }

        HnswBuilder<TKernels>.Attach(graph, row, carried.Rows);
        ref CandidatePool near = ref Scratch.Current.Pool;
        bool tied = false;
        for (int i = 0; i < near.Count && !tied; i++)
        {
            tied = carried.Piece(near.Row(i)) == main && HnswLinks<TKernels>.Tie(graph, row, near.Row(i));
        }

        if (!tied)
        {
            HnswLinks<TKernels>.HangAlong(graph, row, graph.View.Entry);
        }

        carried.Join(main, piece);
    }
}
