namespace Providers.Memory.Sqlite;

/// <summary>Refuses vectors of other dimensions than their space, before anything is written.</summary>
internal static class SpaceCheck
{
    /// <exception cref="MemoryValidationException">A vector has other dimensions.</exception>
    public static void Throw(RowWriter rows, long scope, IReadOnlyList<(string Id, MemoryRecord? After)> memories)
    {
        Dictionary<string, int>? begun = null; // spaces that this transaction makes
        List<string>? errors = null;
        foreach ((_, MemoryRecord? after) in memories)
        {
            if (after is not { Vector: { } vector, VectorSpace: { } name })
            {
                continue;
            }

            if (rows.Space(scope, name) is not (_, var dimensions) && !(begun ??= new(StringComparer.Ordinal)).TryGetValue(name, out dimensions))
            {
                begun[name] = dimensions = vector.Length;
            }

            if (dimensions != vector.Length)
            {
                (errors ??= []).Add($"vector: has {vector.Length} dimensions; the space '{name}' has {dimensions}.");
            }
        }

        if (errors is not null)
        {
            throw new MemoryValidationException(errors);
        }
    }
}
