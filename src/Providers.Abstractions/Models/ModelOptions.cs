namespace Providers;

/// <summary>What a host declares of one model in configuration; becomes a <see cref="ModelDescriptor"/>.</summary>
public sealed class ModelOptions
{
    /// <summary>Gets or sets the model's id as the server spells it.</summary>
    /// <value><see langword="null"/> (the default): the key under which the model is declared. Set it where the id holds a <c>:</c>, which a configuration key cannot.</value>
    public string? Id { get; set; }

    /// <inheritdoc cref="ModelDescriptor.Capabilities"/>
    public ModelCapabilities Capabilities { get; set; }

    /// <inheritdoc cref="ModelDescriptor.ContextWindow"/>
    public int? ContextWindow { get; set; }

    /// <inheritdoc cref="ModelDescriptor.EmbeddingDimensions"/>
    public int? EmbeddingDimensions { get; set; }

    /// <inheritdoc cref="ModelDescriptor.VectorSpace"/>
    public string? VectorSpace { get; set; }

    /// <inheritdoc cref="ModelDescriptor.MemoryFootprint"/>
    public long? MemoryFootprint { get; set; }

    /// <inheritdoc cref="ModelDescriptor.InputPrice"/>
    public decimal? InputPrice { get; set; }

    /// <inheritdoc cref="ModelDescriptor.OutputPrice"/>
    public decimal? OutputPrice { get; set; }

    /// <summary>Lists what is wrong with the declaration.</summary>
    /// <param name="key">The configuration key of the model, put before each message.</param>
    /// <returns>One message per error; empty when there is none.</returns>
    public IEnumerable<string> Validate(string key)
    {
        if (ContextWindow is < 1)
        {
            yield return $"{key}:ContextWindow is {ContextWindow}; it must be at least 1 token, or left out when unknown.";
        }

        if (EmbeddingDimensions is < 1 or > 16_384)
        {
            yield return $"{key}:EmbeddingDimensions is {EmbeddingDimensions}; it must be 1 to 16384, or left out when unknown.";
        }

        if (MemoryFootprint is < 0)
        {
            yield return $"{key}:MemoryFootprint is {MemoryFootprint} bytes; it cannot be negative.";
        }

        if (InputPrice is < 0)
        {
            yield return $"{key}:InputPrice is {InputPrice}; it cannot be negative.";
        }

        if (OutputPrice is < 0)
        {
            yield return $"{key}:OutputPrice is {OutputPrice}; it cannot be negative.";
        }
    }

    /// <summary>Makes the descriptor of a model.</summary>
    /// <param name="key">The key under which it is declared; its id, where <see cref="Id"/> is not set.</param>
    /// <returns>The descriptor.</returns>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    public ModelDescriptor ToDescriptor(string key) => new(Id ?? key)
    {
        Capabilities = Capabilities,
        ContextWindow = ContextWindow,
        EmbeddingDimensions = EmbeddingDimensions,
        VectorSpace = VectorSpace,
        MemoryFootprint = MemoryFootprint,
        InputPrice = InputPrice,
        OutputPrice = OutputPrice,
    };
}
