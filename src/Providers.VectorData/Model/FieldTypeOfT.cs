namespace Providers.VectorData;

/// <summary>The type known at compile time, so that no reflection is needed for lists of it.</summary>
internal sealed class FieldType<T>(byte code, Action<BinaryWriter, T> write, Func<BinaryReader, T> read, IComparer<T> comparer) : FieldType
{
    public override byte Code => code;

    public override Type Type => typeof(T);

    public override void Write(BinaryWriter writer, object value) => write(writer, (T)value);

    public override object Read(BinaryReader reader) => read(reader)!;

    public override void WriteAll(BinaryWriter writer, object array)
    {
        var elements = (T[])array;
        writer.Write7BitEncodedInt(elements.Length);
        foreach (T element in elements)
        {
            writer.Write(element is not null);
            if (element is not null)
            {
                write(writer, element);
            }
        }
    }

    public override object ReadAll(BinaryReader reader)
    {
        var elements = new T[reader.Read7BitEncodedInt()];
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = reader.ReadBoolean() ? read(reader) : default!;
        }

        return elements;
    }

    public override int Compare(object x, object y) => comparer.Compare((T)x, (T)y);

    public override object ToArray(object collection) => ((IEnumerable<T>)collection).ToArray();

    public override object ToList(object array) => new List<T>((T[])array);

    public override bool Contains(object array, object? item) =>
        item is null ? default(T) is null && Array.Exists((T[])array, static e => e is null)
        : item is T wanted && Array.IndexOf((T[])array, wanted) >= 0;

    public override bool SequenceEqual(object array, object collection) => collection is IEnumerable<T> other && ((T[])array).SequenceEqual(other);

    public override bool Any(object array, Func<object?, bool> predicate)
    {
        foreach (T element in (T[])array)
        {
            if (predicate(element))
            {
                return true;
            }
        }

        return false;
    }
}
