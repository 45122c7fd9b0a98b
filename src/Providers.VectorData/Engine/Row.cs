namespace Providers.VectorData;

/// <summary>One version of one record, never changed. An update makes a new row with a new id.</summary>
/// <param name="id">The place in the table in the low 32 bits, the birth number in the high ones: no two versions share it.</param>
/// <param name="key">The record's key.</param>
/// <param name="data">Values by their place in the schema; lists are arrays of the row's own.</param>
/// <param name="vectors">Vectors by their place in the schema, as they were given.</param>
internal sealed class Row(long id, object key, object?[] data, float[]?[] vectors)
{
    public long Id { get; } = id;

    public object Key { get; } = key;

    /// <summary>Gets or sets the number of the write that made the row.</summary>
    public long Sequence { get; set; }

    /// <summary>Gets or sets what the row takes in the log, in bytes.</summary>
    public long LogBytes { get; set; }

    public int VectorColumns => vectors.Length;

    public int Slot => (int)(Id & uint.MaxValue);

    /// <summary>Rows older than a property hold nothing for it.</summary>
    public object? Value(int index) => index < data.Length ? data[index] : null;

    public float[]? Vector(int index) => index < vectors.Length ? vectors[index] : null;

    public static long MakeId(int slot, uint birth) => ((long)birth << 32) | (uint)slot;

    public static uint BirthOf(long id) => (uint)((ulong)id >> 32);
}

/// <summary>A record on its way in: checked, but without an id.</summary>
internal sealed record Draft(object Key, object?[] Data, float[]?[] Vectors);
