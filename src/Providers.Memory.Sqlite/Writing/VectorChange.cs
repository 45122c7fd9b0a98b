namespace Providers.Memory.Sqlite;

/// <summary>What happens to a row in the index of a space.</summary>
/// <param name="Space">The space's number.</param>
/// <param name="Dimensions">The space's dimensions.</param>
/// <param name="Row">The row.</param>
/// <param name="Vector">The vector it has from now on; <see langword="null"/>: it has none there any more.</param>
internal readonly record struct VectorChange(long Space, int Dimensions, long Row, float[]? Vector);
