namespace Providers.Canary;

/// <summary>Compares two shares of a whole.</summary>
internal static class Proportions
{
    private static readonly double[] Small = [.. Enumerable.Range(0, 256).Select(static n => Enumerable.Range(1, n).Sum(static k => Math.Log(k)))];

    /// <summary>
    /// The probability of at least so many hits in the first sample, were both samples of one kind: Fisher's exact test, one-sided. Exact
    /// where the usual normal approximation is not: few hits, and probabilities far out in the tail.
    /// </summary>
    public static double Greater(long hits, long size, long otherHits, long otherSize)
    {
        long all = hits + otherHits;
        long last = Math.Min(size, all);
        if (hits <= Math.Max(0, all - otherSize))
        {
            return 1;
        }

        double total = LogChoose(size + otherSize, all);
        double sum = 0;
        for (long k = hits; k <= last; k++)
        {
            double term = Math.Exp(LogChoose(size, k) + LogChoose(otherSize, all - k) - total);
            sum += term;
            if (term < sum * 1e-9)
            {
                break; // the terms fall faster and faster from here
            }
        }

        return Math.Min(1, sum);
    }

    private static double LogChoose(long n, long k) => LogFactorial(n) - LogFactorial(k) - LogFactorial(n - k);

    // Stirling's series; its error is below 1e-13 from 256 on.
    private static double LogFactorial(long n)
    {
        if (n < Small.Length)
        {
            return Small[n];
        }

        double x = n;
        return (x * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI * x)) + (1 / (12 * x)) - (1 / (360 * x * x * x));
    }
}
