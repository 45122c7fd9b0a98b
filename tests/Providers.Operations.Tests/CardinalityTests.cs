namespace Providers.Operations.Tests;

[Collection(nameof(OneHost))]
public sealed class CardinalityTests
{
    [Fact]
    public async Task TenThousandRandomInputs_MakeNoNewSeries()
    {
        await using OpsHost host = await OpsHost.StartAsync();
        await host.ExerciseAsync();
        host.Providers["good"].WholeAnswerWaits = null;
        Random random = new(7);
        await SendAsync(host, random, 300);
        int before = await CountAsync(host);
        await SendAsync(host, random, 10_000);
        int after = await CountAsync(host);
        (after - before).Should().BeLessThanOrEqualTo(25, "{0} series before, {1} after: labels come from the configuration, never from a caller", before, after);
        (await host.ScrapeAsync()).Should().NotContain("random-").And.NotContain("tenant-");
    }

    private static async Task SendAsync(OpsHost host, Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string route = random.Next(4) switch { 0 => $"random-{random.Next()}", 1 => "good/random-" + random.Next(), 2 => "good/m", _ => "good" };
            await host.AskAsync(route, $"tenant-{random.Next()}");
        }
    }

    private static async Task<int> CountAsync(OpsHost host) =>
        (await host.ScrapeAsync()).Split('\n').Count(static l => l.Length > 0 && l[0] != '#' && (l.StartsWith("llm_", StringComparison.Ordinal) || l.StartsWith("gen_ai_", StringComparison.Ordinal) || l.StartsWith("canary_", StringComparison.Ordinal)));
}
