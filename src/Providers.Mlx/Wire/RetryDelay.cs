using System.Net.Http.Headers;

namespace Providers.Mlx;

/// <summary>How long a server asks to be left alone.</summary>
internal static class RetryDelay
{
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider clock)
    {
        RetryConditionHeaderValue? retry = response.Headers.RetryAfter;
        return retry?.Delta ?? (retry?.Date is { } date ? TimeSpan.FromTicks(Math.Max(0, (date - clock.GetUtcNow()).Ticks)) : null);
    }
}
