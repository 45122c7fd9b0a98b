using System.Runtime.InteropServices;

namespace Providers.VectorData;

/// <summary>Reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): only ranks count, so scores of two kinds need no common scale.</summary>
internal static class RankFusion
{
    private const int Constant = 60;

    /// <summary>Fuses ranked lists, best first. Equal scores share a rank. Of two versions of a record the newer stays.</summary>
    public static List<VectorHit> Fuse(params ReadOnlySpan<IReadOnlyList<VectorHit>> lists)
    {
        var fused = new Dictionary<object, VectorHit>();
        foreach (IReadOnlyList<VectorHit> list in lists)
        {
            int rank = 0;
            for (int i = 0; i < list.Count; i++)
            {
                rank = i > 0 && list[i].Score.Equals(list[i - 1].Score) ? rank : i + 1;
                Row row = list[i].Row;
                ref VectorHit sum = ref CollectionsMarshal.GetValueRefOrAddDefault(fused, row.Key, out bool known);
                sum = new VectorHit(known && sum.Row.Sequence > row.Sequence ? sum.Row : row, sum.Score + (1.0 / (Constant + rank)));
            }
        }

        return [.. fused.Values.OrderByDescending(static h => h.Score).ThenBy(static h => h.Row.Id)];
    }
}
