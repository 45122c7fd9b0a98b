using Providers;
using Providers.Mlx;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds MLX servers to a composite.</summary>
public static class MlxCompositeProviderBuilderExtensions
{
    /// <summary>Adds an MLX server: by default the one on <c>http://127.0.0.1:8080</c>.</summary>
    /// <param name="builder">The composite.</param>
    /// <param name="name">The provider's name, without <c>/</c>.</param>
    /// <param name="configure">Sets the options; <see langword="null"/>: the defaults.</param>
    /// <returns>The same builder.</returns>
    public static ICompositeProviderBuilder AddMlx(this ICompositeProviderBuilder builder, string name = "mlx", Action<MlxProviderOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        MlxProviderOptions options = new();
        configure?.Invoke(options);
        return builder.AddProvider(MlxProviderFactory.Register(name, options));
    }
}
