using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Providers.Vectors;

namespace Providers.VectorData;

/// <summary>The .NET types a vector may have, and what is refused at the door.</summary>
internal static class VectorValue
{
    public const string Supported = "ReadOnlyMemory<float>, Embedding<float>, float[]";

    public static bool IsType(Type type) =>
        type == typeof(ReadOnlyMemory<float>) || type == typeof(ReadOnlyMemory<float>?) || type == typeof(float[]) || type == typeof(Embedding<float>);

    /// <summary>A copy of the components, or null when the value is of none of the types.</summary>
    public static float[]? Read(object? value) => value switch
    {
        ReadOnlyMemory<float> memory => memory.ToArray(),
        float[] array => [.. array],
        Embedding<float> embedding => embedding.Vector.ToArray(),
        _ => null,
    };

    /// <summary>A vector of the asked-for type, with components of its own.</summary>
    public static object Write(float[] vector, Type type)
    {
        float[] copy = [.. vector];
        return type == typeof(float[]) ? copy
            : type == typeof(Embedding<float>) ? new Embedding<float>(copy)
            : new ReadOnlyMemory<float>(copy);
    }

    /// <summary>Throws what is wrong with a vector, with what was expected and what came.</summary>
    public static void Check(float[] vector, VectorField field, string what)
    {
        if (vector.Length != field.Dimensions)
        {
            throw new ArgumentException($"{what} has {vector.Length} dimensions; vector property '{field.Name}' expects {field.Dimensions}.");
        }

        for (int i = 0; i < vector.Length; i++)
        {
            if (!float.IsFinite(vector[i]))
            {
                throw new ArgumentException($"Component {i} of {what} is {vector[i]}; vector property '{field.Name}' expects finite numbers.");
            }
        }

        bool cosine = field.Rule.Metric is VectorMetric.Cosine;
        if (cosine && vector.AsSpan().IndexOfAnyExcept(0f) < 0)
        {
            throw new ArgumentException($"All {vector.Length} components of {what} are zero; with {field.Distance}, vector property '{field.Name}' expects a direction.");
        }

        if (!cosine && !float.IsFinite(TensorPrimitives.SumOfSquares<float>(vector)))
        {
            throw new ArgumentException($"The squared length of {what} is beyond the range of float; scale the vectors of property '{field.Name}' down.");
        }
    }
}
