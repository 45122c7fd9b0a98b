namespace Providers.Vectors;

/// <summary>An immutable snapshot: rows below <see cref="Count"/> that were not dead at <see cref="Version"/>.</summary>
internal sealed record View(RowSet Rows, Chunk[] Chunks, int Count, int Live, long Version, IndexStage Stage, GraphView? Graph);

/// <summary>Which structure answers searches.</summary>
internal enum IndexStage
{
    Exact,
    Int8,
    Bits,
    Graph,
}
