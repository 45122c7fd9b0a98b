namespace Providers.Canary;

/// <summary>The canary's last 20 outcomes, each with what the other arm had come to at that moment: what tells a bad canary from a bad day.</summary>
internal sealed class RecentOutcomes
{
    public const int Size = 20;
    private readonly Entry[] _ring = new Entry[Size];
    private int _next;

    public int Count { get; private set; }

    public int Errors { get; private set; }

    /// <summary>Gets when the first of the failures still remembered began; <see cref="long.MaxValue"/> when there is none.</summary>
    public long FirstFailureStarted { get; private set; } = long.MaxValue;

    public void Add(bool failed, long started, long otherRequests, long otherErrors)
    {
        if (Count == Size)
        {
            Errors -= _ring[_next].Failed ? 1 : 0;
        }

        _ring[_next] = new Entry(failed, started, otherRequests, otherErrors);
        _next = (_next + 1) % Size;
        Count = Math.Min(Size, Count + 1);
        Errors += failed ? 1 : 0;
        FirstFailureStarted = TryFindFirstFailure(out int at) ? _ring[Place(at)].Started : long.MaxValue;
    }

    public void Clear()
    {
        Count = 0;
        Errors = 0;
        _next = 0;
        FirstFailureStarted = long.MaxValue;
    }

    /// <summary>Both arms since the first failure, that one not counted: it is what made us look.</summary>
    public (int Requests, int Errors, long OtherRequests, long OtherErrors) SinceFirstFailure(long otherRequests, long otherErrors)
    {
        if (!TryFindFirstFailure(out int first))
        {
            return default;
        }

        Entry start = _ring[Place(first)];
        return (Count - first - 1, Errors - 1, otherRequests - start.OtherRequests, otherErrors - start.OtherErrors);
    }

    private bool TryFindFirstFailure(out int index)
    {
        for (index = 0; index < Count; index++)
        {
            if (_ring[Place(index)].Failed)
            {
                return true;
            }
        }

        return false;
    }

    private int Place(int index) => (_next - Count + index + Size) % Size;

    private readonly record struct Entry(bool Failed, long Started, long OtherRequests, long OtherErrors);
}
