using Providers.Attempts;

namespace Providers.Tests.Attempts;

public sealed class PoolTests
{
    [Fact]
    public void Return_MoreThanFit_KeepsOneAndTheSizeAndRefusesTheRest()
    {
        Pool<object> pool = new(2);
        pool.TryRent().Should().BeNull();
        object[] items = [new(), new(), new(), new()];
        items.Select(pool.Return).Should().Equal(true, true, true, false);
        new[] { pool.TryRent(), pool.TryRent(), pool.TryRent() }.Should().BeEquivalentTo(items[..3]);
        pool.TryRent().Should().BeNull();
    }

    /// <summary>No two threads ever hold the same object.</summary>
    [Fact]
    public async Task Rent_FromManyThreads_GivesEachItsOwn()
    {
        Pool<int[]> pool = new(4);
        int shared = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                int[] mine = pool.TryRent() ?? new int[1];
                if (Interlocked.Increment(ref mine[0]) != 1)
                {
                    Interlocked.Increment(ref shared);
                }

                Interlocked.Decrement(ref mine[0]);
                pool.Return(mine);
            }
        })));
        shared.Should().Be(0);
    }
}
