namespace Providers.Limits;

/// <summary>
/// Bounds retries and hedges to a share of the requests under way, so that a failing fleet is not hammered (Envoy's retry budget).
/// </summary>
internal sealed class RetryBudget(double ratio, int minimum)
{
    private int _requests;
    private int _retries;

    public int Requests => Volatile.Read(ref _requests);

    public void Enter() => Interlocked.Increment(ref _requests);

    public void Leave() => Interlocked.Decrement(ref _requests);

    /// <summary>Takes a place; it is given back with <see cref="Return"/> when the request has ended.</summary>
    public bool TryTake()
    {
        int limit = Math.Max(minimum, (int)(ratio * Requests));
        if (Interlocked.Increment(ref _retries) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _retries);
        return false;
    }

    public void Return(int count) => Interlocked.Add(ref _retries, -count);
}
