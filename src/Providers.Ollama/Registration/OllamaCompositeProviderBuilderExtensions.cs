using Providers;
using Providers.Ollama;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Ollama servers to a composite.</summary>
public static class OllamaCompositeProviderBuilderExtensions
{
    /// <summary>Adds an Ollama server.</summary>
    /// <param name="builder">The composite.</param>
    /// <param name="name">The provider's name, without <c>/</c>.</param>
    /// <param name="configure">Sets the options; <see langword="null"/>: <c>OLLAMA_HOST</c>, or 127.0.0.1:11434.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static ICompositeProviderBuilder AddOllama(this ICompositeProviderBuilder builder, string name = "ollama", Action<OllamaProviderOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (configure is null)
        {
            return builder.AddProvider(OllamaProviderFactory.Register(name, Environment.GetEnvironmentVariable));
        }

        OllamaProviderOptions options = new();
        configure(options);
        return builder.AddProvider(OllamaProviderFactory.Register(name, options));
    }
}
