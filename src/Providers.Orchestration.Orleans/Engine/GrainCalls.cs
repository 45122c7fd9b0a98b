using Orleans.Runtime;

namespace Providers.Orchestration.Orleans;

/// <summary>Calls grains while silos come and go.</summary>
internal static class GrainCalls
{
    private const int Tries = 8;

    /// <summary>Calls again, after growing waits of 12 seconds in all, while a silo is away or the grain moves. Only for what is safe to repeat.</summary>
    public static Task<T> RepeatAsync<T>(this TimeProvider clock, Func<Task<T>> call, Func<T, bool> moves, CancellationToken cancellationToken) =>
        clock.RepeatAsync(call, moves, static e => e is OrleansException or TimeoutException, cancellationToken);

    /// <summary>Calls again while the grain says that nothing was done because it moves. What failed otherwise may have been done, which the caller has to find out.</summary>
    public static Task<T> OnceAsync<T>(this TimeProvider clock, Func<Task<T>> call, Func<T, bool> moves, CancellationToken cancellationToken) =>
        clock.RepeatAsync(call, moves, static _ => false, cancellationToken);

    private static async Task<T> RepeatAsync<T>(this TimeProvider clock, Func<Task<T>> call, Func<T, bool> moves, Func<Exception, bool> repeats, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                T reply = await call().WaitAsync(cancellationToken).ConfigureAwait(false);
                if (attempt == Tries || !moves(reply))
                {
                    return reply;
                }
            }
            catch (Exception e) when (attempt < Tries && repeats(e))
            {
                // the silo is away, or on its way out: its grains are found elsewhere before long
            }

            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(4_000, 50 << attempt)), clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
