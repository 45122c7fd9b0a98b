namespace Providers.Canary;

/// <summary>The share in force, replaced whole in one write: a rollback is one volatile store. Immutable.</summary>
internal sealed record CanarySplit(double Weight)
{
    public static readonly CanarySplit None = new(0);

    /// <param name="position">Where the request lies on the line from 0 to 1.</param>
    public bool Takes(double position) => position * 100 < Weight;
}
