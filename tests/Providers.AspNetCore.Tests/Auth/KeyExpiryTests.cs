using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Providers.AspNetCore.Auth;

namespace Providers.AspNetCore.Tests.Auth;

public sealed class KeyExpiryTests
{
    [Fact]
    public async Task Gauge_TellsWhenTheNextActiveKeyEnds()
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));
        using FileApiKeyStore keys = new(null);
        using KeyExpiry expiry = new(keys, clock);
        Read(expiry).Should().BeEmpty("no key ends");
        await ApiKeyIssuer.IssueAsync(keys, "acme", GatewayScopes.Chat, clock: clock);
        await ApiKeyIssuer.IssueAsync(keys, "acme", GatewayScopes.Chat, expires: clock.GetUtcNow().AddDays(9), clock: clock);
        (_, ApiKey first) = await ApiKeyIssuer.IssueAsync(keys, "acme", GatewayScopes.Chat, expires: clock.GetUtcNow().AddDays(2), clock: clock);
        Read(expiry).Should().Equal(first.Expires!.Value.ToUnixTimeSeconds());
        clock.Advance(TimeSpan.FromDays(3));
        Read(expiry).Should().Equal([new DateTimeOffset(2026, 12, 5, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()], "a key that has ended warns of nothing");
    }

    /// <summary>What this gauge gives; those of other tests' hosts share its name.</summary>
    private static List<double> Read(KeyExpiry expiry)
    {
        List<double> seen = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "token.expiry" && expiry.Owns(instrument.Meter))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => seen.Add(value));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }
}
