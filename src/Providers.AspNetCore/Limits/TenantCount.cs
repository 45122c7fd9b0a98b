namespace Providers.AspNetCore.Limits;

/// <summary>How many requests of a tenant are under way.</summary>
internal sealed class TenantCount
{
    private int _count;

    public bool IsIdle => Volatile.Read(ref _count) == 0;

    public bool TryEnter(int most)
    {
        if (Interlocked.Increment(ref _count) <= most)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _count);
}
