using System.Diagnostics.Metrics;

namespace Providers.AspNetCore.Auth;

/// <summary>Tells monitoring when the next API key ends, in time to issue its successor. Keys are not told apart.</summary>
internal sealed class KeyExpiry : IDisposable
{
    private readonly Meter _meter = new("Providers");

    public KeyExpiry(IApiKeyStore keys, TimeProvider clock)
    {
        _meter.CreateObservableGauge("token.expiry", () => Next(keys, clock.GetUtcNow()), "s", "When the next active API key ends, in seconds since 1970.");
    }

    public bool Owns(Meter meter) => meter == _meter;

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<double>> Next(IApiKeyStore keys, DateTimeOffset now)
    {
        DateTimeOffset? next = keys.List().Where(k => k.IsActive(now)).Min(static k => k.Expires);
        return next is { } end ? [new Measurement<double>(end.ToUnixTimeMilliseconds() / 1000.0)] : [];
    }
}
