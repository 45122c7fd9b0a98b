namespace Providers.Vectors;

/// <summary>How to search. Not to be changed while a search uses it.</summary>
public sealed class VectorSearchOptions
{
    /// <summary>Gets or sets how many candidates a graph search keeps: more is slower and finds more.</summary>
    /// <value>1 to 10,000. Default: 64. Raised to the number of matches asked for.</value>
    public int Expansion
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 10_000);
            field = value;
        }
    } = 64;

    /// <summary>Gets or sets how many candidates of a quantised search are measured again by their full vectors.</summary>
    /// <value>0 to 100,000. Default: 0, which chooses by the index (10 times the matches for 1-bit codes, twice for 8-bit).</value>
    public int Rescore
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100_000);
            field = value;
        }
    }

    /// <summary>Gets or sets whether every vector is measured in full.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool Exact { get; set; }

    /// <summary>Gets or sets which vectors may be found.</summary>
    /// <value>Default: <see langword="null"/>, all of them.</value>
    public VectorFilter? Filter { get; set; }
}
