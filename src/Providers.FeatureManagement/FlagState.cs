namespace Providers.FeatureManagement;

/// <summary>What is known of one flag. Immutable.</summary>
/// <param name="On">Whether it was on when it was last read; <see langword="null"/>: it never could be read.</param>
/// <param name="AskedAt">When it was last asked, in timestamp units.</param>
/// <param name="IsUnknown">Whether nobody has defined it.</param>
/// <param name="Varies">Whether the answer depends on who asks, or on chance, and so must not be reused.</param>
internal sealed record FlagState(bool? On, long AskedAt, bool IsUnknown, bool Varies);
