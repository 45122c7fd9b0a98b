using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using ModelContextProtocol.Server;
using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Sessions;

/// <summary>What monitoring sees of calls.</summary>
public sealed class MetricTests
{
    [Fact]
    public async Task Calls_AreMeasuredByToolAndOutcome_AndNoCallerMakesASeries()
    {
        string own = $"own_{Guid.NewGuid():N}", unknown = $"unknown_{Guid.NewGuid():N}"; // other tests count into the same meter
        using MetricCollector<double> durations = new(null, "Providers", "mcp.requests.duration");
        await using PipeSession session = await PipeSession.StartAsync(new Host
        {
            More = b => b.WithTools([McpServerTool.Create(static (bool fails) => fails ? throw new InvalidOperationException("no") : "yes", new McpServerToolCreateOptions { Name = own })]),
        });
        await session.Client.CallToolAsync(own, new Dictionary<string, object?> { ["fails"] = false });
        await session.Client.CallToolAsync(own, new Dictionary<string, object?> { ["fails"] = true });
        try
        {
            await session.Client.CallToolAsync(unknown, new Dictionary<string, object?>());
        }
        catch (ModelContextProtocol.McpException)
        {
            // The protocol's own way of saying so.
        }

        await session.Client.ListResourcesAsync();
        CollectedMeasurement<double>[] all = [.. durations.GetMeasurementSnapshot()];
        all.Where(m => Equals(m.Tags["tool"], own)).Select(static m => m.Tags["outcome"]).Should().Equal("success", "failed");
        all.Should().OnlyContain(static m => m.Value >= 0).And.NotContain(m => Equals(m.Tags["tool"], unknown));
        all.Should().Contain(static m => Equals(m.Tags["kind"], "tool") && Equals(m.Tags["tool"], "other") && !Equals(m.Tags["outcome"], "success"));
        all.Should().Contain(static m => Equals(m.Tags["kind"], "list") && Equals(m.Tags["tool"], "none") && Equals(m.Tags["outcome"], "success"));
    }
}
