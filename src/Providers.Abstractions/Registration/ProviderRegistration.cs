namespace Providers;

/// <summary>A provider that is to be: its name, its errors, and how to make it.</summary>
/// <param name="Name">The provider's name, ordinal, without <c>/</c>.</param>
/// <param name="Kind">The adapter's kind.</param>
/// <param name="Create">Makes the provider; called once, only when <see cref="Errors"/> is empty; does no input or output.</param>
public sealed record ProviderRegistration(string Name, string Kind, Func<IServiceProvider, IModelProvider> Create)
{
    /// <summary>Gets what is wrong with the configuration, each message starting with its key relative to the provider.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Gets a digest of everything <see cref="Create"/> depends on: a reload keeps the provider while it stays equal.</summary>
    /// <value><see langword="null"/>: the registration came from code and never changes.</value>
    public string? Fingerprint { get; init; }
}
