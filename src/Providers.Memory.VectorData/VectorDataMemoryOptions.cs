namespace Providers.Memory.VectorData;

/// <summary>How a memory is kept in a vector store.</summary>
public sealed class VectorDataMemoryOptions
{
    /// <summary>Gets or sets how the names of the store's collections begin; the number of dimensions follows, and <c>-1</c> is where memories without a vector are.</summary>
    /// <value>1 to 48 of <c>a-z 0-9 -</c>, begun by a letter. Default: <c>memories</c>.</value>
    public string CollectionName { get; set; } = "memories";

    /// <summary>Gets or sets whether keys are GUIDs instead of texts, as some stores (Qdrant) want them.</summary>
    /// <value>Default: <see langword="false"/>. A memory once written is found with the same setting only.</value>
    public bool GuidKeys { get; set; }

    /// <exception cref="ArgumentException">The name cannot be one.</exception>
    internal void Check()
    {
        string name = CollectionName ?? "";
        if (name.Length is 0 or > 48 || !char.IsAsciiLetterLower(name[0]) || !name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new ArgumentException($"CollectionName is '{name}'; 1 to 48 of a-z 0-9 - are allowed, begun by a letter.");
        }
    }
}
