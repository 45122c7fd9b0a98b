namespace Providers.VectorData;

/// <summary>What a log amounts to: the last schema, the rows that live, and when the others died.</summary>
internal sealed class LogReplay
{
    public CollectionSchema? Schema { get; private set; }

    public Dictionary<object, Row> Rows { get; } = [];

    /// <summary>Gets the rows that were replaced or deleted, with the write that did it.</summary>
    public List<(Row Row, long Sequence)> Deaths { get; } = [];

    public long Sequence { get; private set; }

    public uint Birth { get; private set; }

    public void Read(BinaryReader reader)
    {
        if (reader.ReadByte() is RecordFormat.SchemaFrame)
        {
            (Schema, long sequence, uint birth) = RecordFormat.ReadSchema(reader);
            (Sequence, Birth) = (Math.Max(Sequence, sequence), Math.Max(Birth, birth));
        }
        else
        {
            ReadBatch(reader);
        }
    }

    private void ReadBatch(BinaryReader reader)
    {
        Sequence = reader.ReadInt64();
        for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            if (reader.ReadByte() is RecordFormat.Delete)
            {
                Kill(Schema!.Key.Read(reader));
                continue;
            }

            long before = reader.BaseStream.Position - 1;
            Row row = RecordFormat.ReadPut(reader, Schema!);
            row.Sequence = Sequence;
            row.LogBytes = reader.BaseStream.Position - before;
            Kill(row.Key);
            Rows[row.Key] = row;
            Birth = Math.Max(Birth, Row.BirthOf(row.Id));
        }
    }

    private void Kill(object key)
    {
        if (Rows.Remove(key, out Row? dead))
        {
            Deaths.Add((dead, Sequence));
        }
    }
}
