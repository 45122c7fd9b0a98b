using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Providers.OpenAI;

/// <summary>Makes OpenAI providers from configuration; the router finds it by its name.</summary>
public sealed class OpenAIProviderFactory : IProviderFactory
{
    internal const string KindName = "OpenAI";

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public ProviderRegistration FromConfiguration(string name, IConfigurationSection section)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(section);
        OpenAIProviderOptions options = new();
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException e)
        {
            return ProviderRegistration.Unusable(name, KindName, section, e);
        }

        return Register(name, options) with { Fingerprint = ProviderRegistration.FingerprintOf(section) };
    }

    /// <summary>Offers OpenAI when <c>OPENAI_API_KEY</c> is set; <c>OPENAI_BASE_URL</c>, <c>OPENAI_MODEL</c>, <c>OPENAI_ORG_ID</c> and <c>OPENAI_PROJECT_ID</c> are honoured.</summary>
    /// <param name="environment">Reads an environment variable; <see langword="null"/> when it is not set.</param>
    /// <returns>The registration, named <c>openai</c>; <see langword="null"/> when there is no key.</returns>
    public ProviderRegistration? FromEnvironment(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return Read(environment, "OPENAI_API_KEY") is null ? null : Register("openai", environment);
    }

    internal static ProviderRegistration Register(string name, OpenAIProviderOptions options) =>
        new(name, KindName, services => new OpenAIProvider(name, options, services.GetService<ILoggerFactory>(), services.GetService<TimeProvider>()))
        {
            Errors = OpenAIOptionsCheck.Errors(options),
        };

    internal static ProviderRegistration Register(string name, Func<string, string?> environment)
    {
        OpenAIProviderOptions options = new()
        {
            ApiKey = Read(environment, "OPENAI_API_KEY"),
            DefaultModel = Read(environment, "OPENAI_MODEL"),
            Organization = Read(environment, "OPENAI_ORG_ID"),
            Project = Read(environment, "OPENAI_PROJECT_ID"),
        };
        if (Read(environment, "OPENAI_BASE_URL") is { } address)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? endpoint))
            {
                return ProviderRegistration.Unusable(name, KindName, "Endpoint is no address: OPENAI_BASE_URL must be like https://api.openai.com/v1.");
            }

            options.Endpoint = endpoint;
        }

        return Register(name, options);
    }

    private static string? Read(Func<string, string?> environment, string variable) =>
        environment(variable)?.Trim() is { Length: > 0 } value ? value : null;
}
