namespace Providers.Vectors;

/// <summary>Exact search for many queries at once: tiles of four queries by three rows read each row once per tile row.</summary>
internal static unsafe class BatchSearcher<TKernels>
    where TKernels : struct, IKernels
{
    /// <summary>Searches a multiple of four queries, padded to the layout's stride and 64-byte aligned.</summary>
    public static void Scan(View view, float* queries, float[] norms, CandidatePool[] pools)
    {
        RowLayout layout = view.Rows.Layout;
        bool squared = layout.Metric is VectorMetric.SquaredL2;
        float* tile = stackalloc float[12];
        for (int start = 0; start < view.Count; start += RowLayout.ChunkRows)
        {
            Chunk chunk = view.Chunks[start >> RowLayout.ChunkShift];
            int rows = Math.Min(RowLayout.ChunkRows, view.Count - start);
            for (int block = 0; block < rows; block += 3)
            {
                // The last tile of a chunk may step back over rows already seen; those are skipped below.
                int first = Math.Max(0, Math.Min(block, rows - 3)), stride = rows < 3 ? 0 : layout.Stride;
                for (int q = 0; q < pools.Length; q += 4)
                {
                    if (rows >= 3)
                    {
                        TKernels.Tile(queries + ((long)q * layout.Stride), layout.Stride, (float*)chunk.Vectors + ((long)first * layout.Stride), stride, layout.Stride, tile);
                    }

                    for (int r = block - first; r < 3 && first + r < rows; r++)
                    {
                        if (rows < 3)
                        {
                            TKernels.Tile(queries + ((long)q * layout.Stride), layout.Stride, (float*)chunk.Vectors + ((long)(first + r) * layout.Stride), 0, layout.Stride, tile);
                        }

                        Offer(view, chunk, start + first + r, first + r, rows < 3 ? 0 : r, q, squared, tile, norms, pools);
                    }
                }
            }
        }
    }

    private static void Offer(View view, Chunk chunk, int row, int offset, int r, int q, bool squared, float* tile, float[] norms, CandidatePool[] pools)
    {
        for (int i = 0; i < 4; i++)
        {
            float dot = tile[(i * 3) + r];
            float distance = squared ? Math.Max(0, norms[q + i] + chunk.Norms[offset] - (2 * dot)) : -dot;
            if (distance < pools[q + i].Bound && chunk.IsLive(offset, view.Version))
            {
                pools[q + i].Add(distance, row);
            }
        }
    }
}
