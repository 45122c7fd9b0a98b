namespace Providers.Memory;

/// <summary>What encryption leaves searchable.</summary>
public sealed class MemoryEncryptionOptions
{
    /// <summary>Gets or sets whether words can be searched for: each word of a text is stored as a keyed hash, so that equal words of a tenant can be seen to be equal, and counted.</summary>
    /// <value>Default: <see langword="true"/>; otherwise searches are by meaning alone.</value>
    public bool BlindWords { get; set; } = true;

    /// <summary>Gets or sets whether vectors are stored as they are, so that searches by meaning work. A vector tells much of its text to who has the model.</summary>
    /// <value>Default: <see langword="true"/>; otherwise vectors are not stored.</value>
    public bool Vectors { get; set; } = true;
}
