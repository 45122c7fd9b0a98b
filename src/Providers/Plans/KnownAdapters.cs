namespace Providers.Plans;

/// <summary>
/// The suite's own adapters, found by name when the application references their package: nothing to register, nothing scanned, and the
/// constant names keep trimming and AOT informed. Other adapters are registered as <see cref="IProviderFactory"/> services.
/// </summary>
internal static class KnownAdapters
{
    /// <summary>Gets the adapters that are there, in the order of the zero configuration: the nearest first.</summary>
    public static IReadOnlyList<IProviderFactory> Find()
    {
        List<IProviderFactory> found = [];
        Add(found, Type.GetType("Providers.Mlx.MlxProviderFactory, Providers.Mlx"));
        Add(found, Type.GetType("Providers.Ollama.OllamaProviderFactory, Providers.Ollama"));
        Add(found, Type.GetType("Providers.OpenAI.OpenAIProviderFactory, Providers.OpenAI"));
        return found;
    }

    private static void Add(
        List<IProviderFactory> found,
        [System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] Type? adapter)
    {
        if (adapter is not null && Activator.CreateInstance(adapter) is IProviderFactory factory)
        {
            found.Add(factory);
        }
    }
}
