using CsCheck;
using Providers.Canary;

namespace Providers.Tests.Canary;

public sealed class CanaryMathTests
{
    /// <summary>Whoever belongs to a share belongs to every larger one.</summary>
    [Fact]
    public void StickyHash_LargerShare_OnlyAddsKeys() =>
        Gen.Select(Gen.String, Gen.String, Gen.Double[0, 100], Gen.Double[0, 100]).Sample(static (salt, key, a, b) =>
        {
            double position = StickyHash.Position(salt, key);
            return position is >= 0 and < 1
                && position == StickyHash.Position(salt, key)
                && (!new CanarySplit(Math.Min(a, b)).Takes(position) || new CanarySplit(Math.Max(a, b)).Takes(position));
        }, iter: 20_000);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(50)]
    public void StickyHash_NumberedKeys_FillTheShare(double weight)
    {
        int taken = Enumerable.Range(0, 100_000).Count(i => new CanarySplit(weight).Takes(StickyHash.Position("route", $"user{i}")));
        ((double)taken / 1_000).Should().BeApproximately(weight, 0.5);
        CanarySplit.None.Takes(0).Should().BeFalse();
    }

    [Fact]
    public void StickyHash_OtherExperiment_OtherUsers()
    {
        string[] Chosen(string salt) => [.. Enumerable.Range(0, 1_000).Select(static i => $"user{i}").Where(k => StickyHash.Position(salt, k) < 0.1)];
        Chosen("one").Intersect(Chosen("two")).Count().Should().BeLessThan(30, "a tenth of a tenth is ten");
    }

    /// <summary>Against the probabilities counted out in whole numbers.</summary>
    [Fact]
    public void Proportions_SmallTables_AreExact()
    {
        for (int size = 1; size <= 7; size++)
        {
            for (int other = 1; other <= 7; other++)
            {
                for (int hits = 0; hits <= size; hits++)
                {
                    for (int otherHits = 0; otherHits <= other; otherHits++)
                    {
                        int all = hits + otherHits;
                        double exact = Enumerable.Range(0, size + 1).Where(k => k >= hits && all - k >= 0 && all - k <= other)
                            .Sum(k => Choose(size, k) * Choose(other, all - k)) / Choose(size + other, all);
                        Proportions.Greater(hits, size, otherHits, other).Should().BeApproximately(exact, 1e-9, $"{hits}/{size} against {otherHits}/{other}");
                    }
                }
            }
        }
    }

    [Fact]
    public void Proportions_LargeTables_AreNearTheNormalApproximation()
    {
        // 300 of 10,000 against 2,500 of 100,000: z = 3.03, p = 0.0012.
        Proportions.Greater(300, 10_000, 2_500, 100_000).Should().BeApproximately(0.0014, 0.0004);
        Proportions.Greater(0, 0, 0, 0).Should().Be(1);
        Proportions.Greater(5, 100_000, 5, 100_000).Should().BeInRange(0.5, 0.75);
    }

    [Fact]
    public void LatencyBuckets_Quantiles_AreWithinABucket()
    {
        LatencyBuckets buckets = new();
        buckets.Quantile(0.95).Should().Be(0);
        for (int i = 1; i <= 10_000; i++)
        {
            buckets.Add(i);
        }

        buckets.Quantile(0.95).Should().BeApproximately(9_500, 9_500 * 0.09);
        buckets.Quantile(0.5).Should().BeApproximately(5_000, 5_000 * 0.09);
        int tail = buckets.TailStart(0.05);
        buckets.CountFrom(tail).Should().BeInRange(0, 500);
        buckets.CountFrom(tail - 1).Should().BeGreaterThan(500);
        buckets.Add(0);
        buckets.Add(1e12);
        buckets.Total.Should().Be(10_002);
        buckets.CountFrom(0).Should().Be(10_002);
        buckets.Clear();
        buckets.Total.Should().Be(0);
    }

    [Fact]
    public void RecentOutcomes_RollOver_RememberTwentyAndWhatTheOtherArmDid()
    {
        RecentOutcomes recent = new();
        recent.SinceFirstFailure(5, 5).Should().Be((0, 0, 0L, 0L));
        for (int i = 0; i < 15; i++)
        {
            recent.Add(false, i, i * 10, 0);
        }

        recent.Add(true, 15, 150, 1);
        recent.FirstFailureStarted.Should().Be(15);
        recent.Add(true, 16, 160, 1);
        recent.Add(false, 17, 170, 1);
        recent.SinceFirstFailure(200, 3).Should().Be((2, 1, 50L, 2L));
        for (int i = 0; i < 30; i++)
        {
            recent.Add(false, 20 + i, 0, 0);
        }

        recent.Should().Match<RecentOutcomes>(static r => r.Count == 20 && r.Errors == 0 && r.FirstFailureStarted == long.MaxValue);
        recent.Add(true, 1, 0, 0);
        recent.Clear();
        recent.SinceFirstFailure(5, 5).Should().Be((0, 0, 0L, 0L), "nothing is remembered");
        recent.Should().Match<RecentOutcomes>(static r => r.Count == 0 && r.Errors == 0 && r.FirstFailureStarted == long.MaxValue);
        recent.Add(false, 2, 0, 0);
        recent.FirstFailureStarted.Should().Be(long.MaxValue);
    }

    /// <summary>A user keeps his arm over a new version of the package only if these never change.</summary>
    [Theory]
    [InlineData("route", "user1", 0.9051039462138026)]
    [InlineData("route", "user2", 0.7674738881891648)]
    [InlineData("chat\ncanary", "клиент", 0.5285505115674846)]
    [InlineData("", "", 0.5502665360013753)]
    public void StickyHash_OfAKey_IsTheSameInEveryProcessAndVersion(string salt, string key, double position) =>
        StickyHash.Position(salt, key).Should().Be(position);

    [Fact]
    public void StickyHash_SaltAndKey_DoNotRunTogether() =>
        StickyHash.Position("ab", "c").Should().NotBe(StickyHash.Position("a", "bc"));

    /// <summary>Against whole numbers as large as they come: the series for large factorials is exact to ten digits.</summary>
    [Theory]
    [InlineData(8, 130, 2, 130)]
    [InlineData(40, 300, 20, 300)]
    [InlineData(5, 128, 1, 128)]
    public void Proportions_WhereFactorialsAreApproximated_AgreeToTenDigits(int hits, int size, int otherHits, int otherSize)
    {
        int all = hits + otherHits;
        System.Numerics.BigInteger ways = 0;
        for (int k = hits; k <= Math.Min(size, all); k++)
        {
            ways += Ways(size, k) * Ways(otherSize, all - k);
        }

        double exact = Math.Exp(System.Numerics.BigInteger.Log(ways) - System.Numerics.BigInteger.Log(Ways(size + otherSize, all)));
        (Proportions.Greater(hits, size, otherHits, otherSize) / exact).Should().BeApproximately(1, 3e-11);
    }

    [Fact]
    public void Proportions_NoHitsOrAllOfTheOther_AreCertain()
    {
        Proportions.Greater(0, 10_000, 2_500, 100_000).Should().Be(1);
        Proportions.Greater(7, 10_000, 1_000, 1_000).Should().Be(1, "where every other one is a hit, this one has no more");
    }

    [Fact]
    public void LatencyBuckets_AtTheirEdges_CountWhatTheySay()
    {
        LatencyBuckets buckets = new();
        buckets.Add(10);
        buckets.Add(1_000);
        buckets.Quantile(0.5).Should().BeInRange(9, 11, "half of the answers were as quick");
        buckets.Quantile(0).Should().BeInRange(9, 11);
        buckets.Clear();
        buckets.CountFrom(0).Should().Be(0);
        buckets.Quantile(0.5).Should().Be(0);
        for (int i = 0; i < 19; i++)
        {
            buckets.Add(0.5);
        }

        buckets.TailStart(0.05).Should().Be(1, "all are alike, none is in the tail");
        buckets.Add(1_000);
        buckets.CountFrom(buckets.TailStart(0.05)).Should().Be(1, "one of twenty is a twentieth");
    }

    private static double Choose(int n, int k) => k < 0 || k > n ? 0 : Enumerable.Range(1, k).Aggregate(1.0, (c, i) => c * (n - k + i) / i);

    private static System.Numerics.BigInteger Ways(int n, int k)
    {
        System.Numerics.BigInteger ways = k < 0 || k > n ? 0 : 1;
        for (int i = 1; i <= k && k <= n; i++)
        {
            ways = ways * (n - k + i) / i;
        }

        return ways;
    }
}
