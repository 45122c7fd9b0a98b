using System.Runtime.InteropServices;

namespace Providers.VectorData;

/// <summary>The payloads of frames: the schema, and batches of records put and deleted.</summary>
internal static class RecordFormat
{
    public const byte SchemaFrame = 1, BatchFrame = 2;
    public const byte Put = 1, Delete = 2;

    public static void WriteSchema(BinaryWriter writer, CollectionSchema schema, long sequence, uint birth)
    {
        writer.Write(SchemaFrame);
        writer.Write(sequence);
        writer.Write(birth);
        writer.Write(schema.Key.Code);
        writer.Write7BitEncodedInt(schema.Data.Count);
        foreach (DataField field in schema.Data)
        {
            FieldTypes.WriteText(writer, field.Name);
            writer.Write(field.Type.Code);
            writer.Write((byte)((field.IsList ? 1 : 0) | (field.IsText ? 2 : 0)));
        }

        writer.Write7BitEncodedInt(schema.Vectors.Count);
        foreach (VectorField field in schema.Vectors)
        {
            FieldTypes.WriteText(writer, field.Name);
            writer.Write7BitEncodedInt(field.Dimensions);
            FieldTypes.WriteText(writer, field.Distance);
            FieldTypes.WriteText(writer, field.Kind);
        }
    }

    /// <summary>Reads what comes after the frame's kind.</summary>
    public static (CollectionSchema Schema, long Sequence, uint Birth) ReadSchema(BinaryReader reader)
    {
        long sequence = reader.ReadInt64();
        uint birth = reader.ReadUInt32();
        FieldType key = FieldTypes.FromCode(reader.ReadByte());
        var data = new DataField[reader.Read7BitEncodedInt()];
        for (int i = 0; i < data.Length; i++)
        {
            string name = FieldTypes.ReadText(reader);
            FieldType type = FieldTypes.FromCode(reader.ReadByte());
            byte flags = reader.ReadByte();
            data[i] = new DataField(name, type, (flags & 1) != 0, (flags & 2) != 0);
        }

        var vectors = new VectorField[reader.Read7BitEncodedInt()];
        for (int i = 0; i < vectors.Length; i++)
        {
            string name = FieldTypes.ReadText(reader);
            int dimensions = reader.Read7BitEncodedInt();
            string distance = FieldTypes.ReadText(reader);
            vectors[i] = new VectorField(name, dimensions, distance, FieldTypes.ReadText(reader));
        }

        return (new CollectionSchema(key, data, vectors), sequence, birth);
    }

    public static void WritePut(BinaryWriter writer, CollectionSchema schema, Row row)
    {
        writer.Write(Put);
        writer.Write(row.Id);
        schema.Key.Write(writer, row.Key);
        for (int i = 0; i < schema.Data.Count; i++)
        {
            object? value = row.Value(i);
            writer.Write(value is not null);
            if (value is not null && schema.Data[i].IsList)
            {
                schema.Data[i].Type.WriteAll(writer, value);
            }
            else if (value is not null)
            {
                schema.Data[i].Type.Write(writer, value);
            }
        }

        for (int i = 0; i < schema.Vectors.Count; i++)
        {
            float[]? vector = row.Vector(i);
            writer.Write(vector is not null);
            writer.Write(MemoryMarshal.AsBytes(vector.AsSpan()));
        }
    }

    /// <summary>Reads what comes after the operation's kind.</summary>
    public static Row ReadPut(BinaryReader reader, CollectionSchema schema)
    {
        long id = reader.ReadInt64();
        object key = schema.Key.Read(reader);
        var data = new object?[schema.Data.Count];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = !reader.ReadBoolean() ? null : schema.Data[i].IsList ? schema.Data[i].Type.ReadAll(reader) : schema.Data[i].Type.Read(reader);
        }

        var vectors = new float[]?[schema.Vectors.Count];
        for (int i = 0; i < vectors.Length; i++)
        {
            if (reader.ReadBoolean())
            {
                vectors[i] = MemoryMarshal.Cast<byte, float>(reader.ReadBytes(schema.Vectors[i].Dimensions * sizeof(float))).ToArray();
            }
        }

        return new Row(id, key, data, vectors);
    }
}
