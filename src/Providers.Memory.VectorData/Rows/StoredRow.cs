namespace Providers.Memory.VectorData;

/// <summary>A row of the store.</summary>
/// <param name="Name">What it is called, once in all collections.</param>
/// <param name="Group">What it is: a memory, a key that was used, the journal, or a fact about the whole.</param>
/// <param name="Json">What it says.</param>
/// <param name="Vector">Its vector, whose dimensions say in which collection it lies; one of a single 1 where it has none.</param>
internal sealed record StoredRow(string Name, string Group, string Json, ReadOnlyMemory<float> Vector)
{
    public const string Memory = "memory", Key = "key", Journal = "journal", Fact = "fact";

    /// <summary>The vector of a row without one: stores want every row to have it.</summary>
    public static readonly ReadOnlyMemory<float> NoVector = new float[] { 1 };
}

/// <summary>What becomes of a row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Row">The row from now on; <see langword="null"/>: it is gone.</param>
internal readonly record struct RowChange(string Name, StoredRow? Row);
