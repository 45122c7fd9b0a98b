using Microsoft.Extensions.VectorData;
using Providers.Vectors;

namespace Providers.VectorData;

/// <summary>The index of one vector property. Graphs are checkpointed; what is flat is rebuilt from the rows as fast as it would be read.</summary>
internal sealed class VectorColumn : IDisposable
{
    public const string Kinds = "Flat, QuantizedFlat, Hnsw, Dynamic";
    private readonly string? _path;
    private VectorIndex _index;

    public VectorColumn(VectorField field, string? path)
    {
        Field = field;
        _path = path is not null && field.Kind is IndexKind.Hnsw or IndexKind.Dynamic ? path : null;
        _index = Open();
    }

    public VectorField Field { get; }

    public IVectorIndex Index => _index;

    public static bool IsKind(string kind) => kind is IndexKind.Flat or IndexKind.QuantizedFlat or IndexKind.Hnsw or IndexKind.Dynamic;

    public void Insert(IReadOnlyList<Row> rows, int column)
    {
        Row[] with = [.. rows.Where(r => r.Vector(column) is not null)];
        if (with.Length == 0)
        {
            return;
        }

        var ids = new long[with.Length];
        var vectors = new float[with.Length * Field.Dimensions];
        for (int i = 0; i < with.Length; i++)
        {
            ids[i] = with[i].Id;
            with[i].Vector(column)!.CopyTo(vectors, i * Field.Dimensions);
        }

        _index.UpsertRange(ids, vectors);
    }

    public void Remove(IEnumerable<Row> rows, int column)
    {
        foreach (Row row in rows)
        {
            if (row.Vector(column) is not null)
            {
                _index.Delete(row.Id);
            }
        }
    }

    /// <summary>Makes the index hold the rows' vectors: from its checkpoint and what was written since, or from nothing when they do not agree.</summary>
    public void CatchUp(RowTable rows, int column, LogReplay log)
    {
        long known = _index.Watermark;
        foreach ((Row row, long sequence) in log.Deaths)
        {
            if (row.Sequence <= known && sequence > known && row.Vector(column) is not null)
            {
                _index.Delete(row.Id);
            }
        }

        Insert([.. rows.Rows().Where(r => r.Sequence > known)], column);
        // Of a log that is older than its checkpoint somebody has put a copy in its place.
        if (_index.Count != rows.VectorCount(column) || known > log.Sequence)
        {
            _index.Dispose();
            File.Delete(_path!);
            _index = Open();
            Insert([.. rows.Rows()], column);
        }
    }

    public void Checkpoint(long sequence)
    {
        if (_path is not null && _index.Watermark != sequence)
        {
            _index.Checkpoint(sequence);
        }
    }

    public void Dispose() => _index.Dispose();

    private VectorIndex Open()
    {
        try
        {
            return Create();
        }
        catch (Exception e) when (e is VectorIndexCorruptException or InvalidOperationException)
        {
            // The log has every vector: a checkpoint that is damaged or of other options is only a loss of time.
            File.Delete(_path!);
            return Create();
        }
    }

    private VectorIndex Create()
    {
        var options = new VectorIndexOptions
        {
            Dimensions = Field.Dimensions,
            Metric = Field.Rule.Metric,
            OneBit = Field.Dimensions >= 256,
            Path = _path,
            OwnLog = false,
        };
        return Field.Kind switch
        {
            IndexKind.Flat => new FlatIndex(options),
            IndexKind.QuantizedFlat => new QuantizedFlatIndex(options),
            IndexKind.Hnsw => new HnswIndex(options),
            _ => new AdaptiveVectorIndex(options),
        };
    }
}
