using Microsoft.Extensions.Logging;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>The guard of one server, as its plan wants it.</summary>
internal static class OpenAIHttp
{
    /// <summary>Makes the guard, over a pool of connections of its own.</summary>
    public static GuardHandler CreateGuard(OpenAIPlan plan, ILogger logger, TimeProvider clock) => GuardedHttp.CreateHandler(
        new GuardOptions
        {
            Provider = plan.Name,
            ConnectTimeout = plan.ConnectTimeout,
            FirstByteTimeout = plan.FirstByteTimeout,
            IdleTimeout = plan.IdleTimeout,
            MaxConnections = plan.MaxConnections,
            PooledConnectionIdleTimeout = plan.IsLocal ? TimeSpan.FromSeconds(4) : TimeSpan.FromMinutes(1), // llama.cpp's servers close after 5 s, some hold a worker until then
            Classify = static error => ErrorClassifier.Classify(error, Asked(error.Path)),
            Keys = KeysOf(plan, clock),
        },
        clock,
        logger);

    private static ApiKeyPool KeysOf(OpenAIPlan plan, TimeProvider clock) => new(
        plan.KeyProvider is { } ask ? async token => await ask(token).ConfigureAwait(false) is { Length: > 0 } key ? [key] : [] : _ => new(plan.Keys),
        plan.KeyHeader.Equals("Authorization", StringComparison.OrdinalIgnoreCase) ? null : plan.KeyHeader,
        TimeSpan.FromMinutes(5),
        clock);

    private static ModelCapabilities Asked(string? path) =>
        path is null ? ModelCapabilities.Chat
        : path.EndsWith("/embeddings", StringComparison.Ordinal) ? ModelCapabilities.Embeddings
        : path.EndsWith("/rerank", StringComparison.Ordinal) ? ModelCapabilities.Rerank
        : ModelCapabilities.Chat;
}
