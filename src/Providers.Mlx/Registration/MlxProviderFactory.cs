using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Providers.Mlx;

/// <summary>Makes MLX providers from configuration; the router finds it by its name.</summary>
public sealed class MlxProviderFactory : IProviderFactory
{
    internal const string KindName = "Mlx";

    /// <summary>The provider's name in traces and metrics.</summary>
    internal const string TelemetryName = "mlx.mlx_lm";

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public ProviderRegistration FromConfiguration(string name, IConfigurationSection section)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(section);
        MlxProviderOptions options = new();
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException e)
        {
            return new ProviderRegistration(name, KindName, static _ => throw new InvalidOperationException("The configuration is wrong.")) { Errors = [e.Message] };
        }

        return Register(name, options) with { Fingerprint = Fingerprint(section) };
    }

    /// <inheritdoc/>
    public ProviderRegistration? FromEnvironment(Func<string, string?> environment) => Register("mlx", new MlxProviderOptions());

    internal static ProviderRegistration Register(string name, MlxProviderOptions options) =>
        new(name, KindName, services => new MlxProvider(name, options, services.GetService<ILoggerFactory>(), services.GetService<TimeProvider>()))
        {
            Errors = MlxOptionsCheck.Errors(options),
        };

    // A digest, not the text: the section may hold a token.
    private static string Fingerprint(IConfigurationSection section)
    {
        StringBuilder text = new();
        foreach ((string key, string? value) in section.AsEnumerable(makePathsRelative: true).OrderBy(static p => p.Key, StringComparer.OrdinalIgnoreCase))
        {
            text.Append(key).Append('\0').Append(value).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
