using Providers;
using Providers.OpenAI;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds servers that speak OpenAI's protocol to a composite.</summary>
public static class OpenAICompositeProviderBuilderExtensions
{
    /// <summary>Adds OpenAI, or a server that speaks its protocol.</summary>
    /// <param name="builder">The composite.</param>
    /// <param name="name">The provider's name, without <c>/</c>.</param>
    /// <param name="configure">
    /// Sets the options; <see langword="null"/>: they come from <c>OPENAI_API_KEY</c>, <c>OPENAI_BASE_URL</c>, <c>OPENAI_MODEL</c>,
    /// <c>OPENAI_ORG_ID</c> and <c>OPENAI_PROJECT_ID</c>. With a delegate the environment is not read, so that a key never goes to another server.
    /// </param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static ICompositeProviderBuilder AddOpenAI(this ICompositeProviderBuilder builder, string name = "openai", Action<OpenAIProviderOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (configure is null)
        {
            return builder.AddProvider(OpenAIProviderFactory.Register(name, Environment.GetEnvironmentVariable));
        }

        OpenAIProviderOptions options = new();
        configure(options);
        return builder.AddProvider(OpenAIProviderFactory.Register(name, options));
    }
}
