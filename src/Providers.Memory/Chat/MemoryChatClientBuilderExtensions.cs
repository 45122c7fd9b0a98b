using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Providers.Memory;

namespace Microsoft.Extensions.AI;

/// <summary>Gives a chat pipeline a memory.</summary>
public static class MemoryChatClientBuilderExtensions
{
    /// <summary>Recalls memories for the last turns, and writes turns back where the options say so.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="scope">Whose memories.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same pipeline.</returns>
    /// <remarks>
    /// Memories are shown in a message of the user's role before the user's last one, quoted and escaped; never in the system role. Put it below function
    /// invocation, so that each call of the model sees them once. It needs <see cref="IMemoryService"/> (<c>AddMemory</c>).
    /// </remarks>
    public static ChatClientBuilder UseMemory(this ChatClientBuilder builder, MemoryScope scope, Action<MemoryChatOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return builder.UseMemory(_ => scope, configure);
    }

    /// <summary>Recalls memories for the last turns, and writes turns back where the options say so, in a scope chosen for each call.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="scopeOf">Says whose memories, by the call's options or by who calls; <see langword="null"/> for a call without a memory.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same pipeline.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static ChatClientBuilder UseMemory(this ChatClientBuilder builder, Func<ChatOptions?, MemoryScope?> scopeOf, Action<MemoryChatOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(scopeOf);
        MemoryChatOptions options = new();
        configure?.Invoke(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Turns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Turns, 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TokenBudget, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.TokenBudget, 100_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Top, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Top, 100);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.RecallTimeout, TimeSpan.Zero);
        if (options.MinScore is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(configure), options.MinScore, "MinScore must be 0 to 1.");
        }

        return builder.Use((inner, services) => new MemoryChatClient(
            inner,
            services.GetRequiredService<IMemoryService>(),
            scopeOf,
            new MemoryChatSetup(options, services.GetService<TimeProvider>() ?? TimeProvider.System, services.GetService<ILoggerFactory>()?.CreateLogger("Providers.Memory.Chat") ?? NullLogger.Instance)));
    }
}
