using CustomProvider;
using Providers;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds servers of lines to a composite.</summary>
public static class LineProviderExtensions
{
    /// <summary>Adds a server of lines.</summary>
    /// <param name="builder">The composite.</param>
    /// <param name="name">The provider's name, without <c>/</c>.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same builder.</returns>
    public static ICompositeProviderBuilder AddLines(this ICompositeProviderBuilder builder, string name, Action<LineProviderOptions> configure)
    {
        LineProviderOptions options = new();
        configure(options);
        return builder.AddProvider(new ProviderRegistration(name, "Lines", services => new LineProvider(name, options, services.GetService<TimeProvider>())));
    }
}
