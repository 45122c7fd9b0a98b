using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Providers.Ollama;

/// <summary>Makes Ollama providers from configuration; the router finds it by its name.</summary>
public sealed class OllamaProviderFactory : IProviderFactory
{
    internal const string KindName = "Ollama";

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public ProviderRegistration FromConfiguration(string name, IConfigurationSection section)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(section);
        OllamaProviderOptions options = new();
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

    /// <summary>Offers the server at <c>OLLAMA_HOST</c>, or at 127.0.0.1:11434.</summary>
    /// <param name="environment">Reads an environment variable; <see langword="null"/> when it is not set.</param>
    /// <returns>The registration, named <c>ollama</c>.</returns>
    public ProviderRegistration? FromEnvironment(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return Register("ollama", environment);
    }

    internal static ProviderRegistration Register(string name, OllamaProviderOptions options) =>
        new(name, KindName, services => new OllamaProvider(name, options, services.GetService<ILoggerFactory>(), services.GetService<TimeProvider>()))
        {
            Errors = OllamaOptionsCheck.Errors(options),
        };

    internal static ProviderRegistration Register(string name, Func<string, string?> environment)
    {
        OllamaProviderOptions options = new();
        if (environment("OLLAMA_HOST")?.Trim() is { Length: > 0 } host)
        {
            if (AddressOf(host) is not { } endpoint)
            {
                return ProviderRegistration.Unusable(name, KindName, "Endpoint is no address: OLLAMA_HOST must be like 127.0.0.1:11434.");
            }

            options.Endpoint = endpoint;
        }

        return Register(name, options);
    }

    // As Ollama reads it: scheme and port may be missing, and 0.0.0.0 is where a server listens, not where a client goes.
    private static Uri? AddressOf(string host)
    {
        bool schemed = host.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(schemed ? host : "http://" + host, UriKind.Absolute, out Uri? address))
        {
            return null;
        }

        UriBuilder builder = new(address);
        if (!schemed && address.IsDefaultPort && !host.EndsWith(":80", StringComparison.Ordinal))
        {
            builder.Port = 11434;
        }

        if (builder.Host is "0.0.0.0" or "[::]" or "::")
        {
            builder.Host = "127.0.0.1";
        }

        return builder.Uri;
    }
}
