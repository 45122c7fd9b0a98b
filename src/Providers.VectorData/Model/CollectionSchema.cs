using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace Providers.VectorData;

/// <summary>A data property as it is stored.</summary>
internal sealed record DataField(string Name, FieldType Type, bool IsList, bool IsText);

/// <summary>A vector property as it is stored.</summary>
internal sealed record VectorField(string Name, int Dimensions, string Distance, string Kind)
{
    public DistanceRule Rule { get; } = DistanceRule.Find(Distance) ?? throw new InvalidDataException($"The distance function '{Distance}' is not known; the file was written by a newer version.");
}

/// <summary>What a collection holds, by storage names. It only ever grows: a property keeps its place.</summary>
internal sealed record CollectionSchema(FieldType Key, IReadOnlyList<DataField> Data, IReadOnlyList<VectorField> Vectors)
{
    public static CollectionSchema Empty(CollectionModel model)
    {
        FieldTypes.TryGet(model.KeyProperty.Type, out FieldType? key, out _);
        return new CollectionSchema(key!, [], []);
    }

    /// <summary>This schema with room for everything in a model; itself when there is already.</summary>
    /// <exception cref="InvalidOperationException">The model contradicts what is stored.</exception>
    public CollectionSchema With(CollectionModel model)
    {
        if (model.KeyProperty.Type != Key.Type)
        {
            throw new InvalidOperationException($"The stored keys are of type '{Key.Type.Name}', but the definition says '{model.KeyProperty.Type.Name}'.");
        }

        List<DataField> data = [.. Data];
        List<VectorField> vectors = [.. Vectors];
        bool grown = false;
        foreach (DataPropertyModel property in model.DataProperties)
        {
            grown |= Put(data, property);
        }

        foreach (VectorPropertyModel property in model.VectorProperties)
        {
            grown |= Put(vectors, property);
        }

        return grown ? new CollectionSchema(Key, data, vectors) : this;
    }

    public int DataIndex(string name) => IndexOf(Data, name, static f => f.Name);

    public int VectorIndex(string name) => IndexOf(Vectors, name, static f => f.Name);

    private static bool Put(List<DataField> fields, DataPropertyModel property)
    {
        FieldTypes.TryGet(property.Type, out FieldType? type, out FieldShape shape);
        var wanted = new DataField(property.StorageName, type!, shape is not FieldShape.Scalar, property.IsFullTextIndexed);
        int at = IndexOf(fields, wanted.Name, static f => f.Name);
        if (at < 0)
        {
            fields.Add(wanted);
            return true;
        }

        DataField stored = fields[at];
        if (stored.Type != wanted.Type || stored.IsList != wanted.IsList)
        {
            throw new InvalidOperationException($"Property '{wanted.Name}' is stored as {Describe(stored)}, but the definition says {Describe(wanted)}.");
        }

        if (wanted.IsText && !stored.IsText)
        {
            fields[at] = wanted;
            return true;
        }

        return false;
    }

    private static bool Put(List<VectorField> fields, VectorPropertyModel property)
    {
        int at = IndexOf(fields, property.StorageName, static f => f.Name);
        if (at < 0)
        {
            fields.Add(new VectorField(
                property.StorageName, property.Dimensions, property.DistanceFunction ?? DistanceFunction.CosineSimilarity, property.IndexKind ?? IndexKind.Dynamic));
            return true;
        }

        // Without a distance function the definition takes what there is; the kind of index is settled by whoever created the collection.
        VectorField stored = fields[at];
        return stored.Dimensions != property.Dimensions
            ? throw new InvalidOperationException($"Vector property '{stored.Name}' is stored with {stored.Dimensions} dimensions, but the definition says {property.Dimensions}.")
            : property.DistanceFunction is { } distance && distance != stored.Distance
            ? throw new InvalidOperationException($"Vector property '{stored.Name}' is stored for {stored.Distance}, but the definition says {distance}.")
            : false;
    }

    private static string Describe(DataField field) => field.IsList ? $"a list of '{field.Type.Type.Name}'" : $"'{field.Type.Type.Name}'";

    private static int IndexOf<T>(IReadOnlyList<T> fields, string name, Func<T, string> nameOf)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            if (nameOf(fields[i]) == name)
            {
                return i;
            }
        }

        return -1;
    }
}
