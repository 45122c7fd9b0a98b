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
            return ProviderRegistration.Unusable(name, KindName, section, e);
        }

        return Register(name, options) with { Fingerprint = ProviderRegistration.FingerprintOf(section) };
    }

    /// <inheritdoc/>
    public ProviderRegistration? FromEnvironment(Func<string, string?> environment) => Register("mlx", new MlxProviderOptions());

    internal static ProviderRegistration Register(string name, MlxProviderOptions options) =>
        new(name, KindName, services => new MlxProvider(name, options, services.GetService<ILoggerFactory>(), services.GetService<TimeProvider>()))
        {
            Errors = MlxOptionsCheck.Errors(options),
        };
}
