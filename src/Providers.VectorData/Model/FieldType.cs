namespace Providers.VectorData;

/// <summary>One of the types a key, a data property, or the elements of a list may have.</summary>
internal abstract class FieldType
{
    /// <summary>Gets the number that stands for the type in files; never reused for another.</summary>
    public abstract byte Code { get; }

    public abstract Type Type { get; }

    public abstract void Write(BinaryWriter writer, object value);

    public abstract object Read(BinaryReader reader);

    public abstract void WriteAll(BinaryWriter writer, object array);

    public abstract object ReadAll(BinaryReader reader);

    /// <summary>Orders two values; strings by their code units.</summary>
    public abstract int Compare(object x, object y);

    /// <summary>An array of its own with the elements of an array or a list.</summary>
    public abstract object ToArray(object collection);

    public abstract object ToList(object array);

    public abstract bool Contains(object array, object? item);

    public abstract bool SequenceEqual(object array, object collection);

    /// <summary>Visits the elements until one satisfies the predicate.</summary>
    public abstract bool Any(object array, Func<object?, bool> predicate);
}
