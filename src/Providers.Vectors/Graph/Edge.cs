namespace Providers.Vectors;

/// <summary>
/// A word of a link list: row + 1, and in the highest bit whether the link belongs to the tree. Tree links of the lowest level run both
/// ways and are never pruned: whatever else is cut, every row can be walked to from every other.
/// </summary>
internal static class Edge
{
    public const int TreeBit = int.MinValue;

    public static int To(int row, bool tree) => (row + 1) | (tree ? TreeBit : 0);

    /// <summary>The row a word names; -1 at the end of the list.</summary>
    public static int Row(int word) => (word & ~TreeBit) - 1;

    public static bool IsTree(int word) => word < 0;

    /// <summary>Where the list names a row; the list's end where it does not.</summary>
    public static unsafe int Find(int* links, int degree, int row)
    {
        int at = 0;
        while (at < degree && links[at] != 0 && Row(links[at]) != row)
        {
            at++;
        }

        return at;
    }

    public static unsafe int CountTree(int* links, int degree)
    {
        int count = 0;
        for (int i = 0; i < degree; i++)
        {
            count += links[i] < 0 ? 1 : 0;
        }

        return count;
    }
}
