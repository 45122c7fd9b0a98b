using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Providers.Tests.Support;

namespace Providers.Tests.Catalog;

/// <summary>Gate G15, the composite's part: not ready at once, nothing dropped, an end in time.</summary>
public sealed class DrainTests
{
    private readonly FakeLogCollector _logs = new();
    private readonly TaskCompletionSource<ChatResponse> _slow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FakeProvider _provider = new("p");

    public DrainTests() => _provider.Answer = (n, _) => n == 0 ? _slow.Task : Task.FromResult(Reply.Whole("quick"));

    [Fact]
    public async Task Stop_RequestUnderWay_NotReadyAtOnceAndEndsAfterIt()
    {
        await using TestComposite composite = Create();
        IHostedLifecycleService[] services = Start(composite);
        Task<ChatResponse> underWay = composite.AskAsync();
        (await HealthAsync(composite)).Should().Be(HealthStatus.Healthy);
        Task stopping = Task.WhenAll(services.Select(static s => s.StoppingAsync(default)));
        (await HealthAsync(composite)).Should().Be(HealthStatus.Unhealthy, "readiness goes first");
        composite.Catalog.IsStopping.Should().BeTrue();
        stopping.IsCompleted.Should().BeFalse("the balancer is given its time");
        (await composite.AskAsync()).Text.Should().Be("quick", "until then requests are served");
        composite.Clock.Advance(TimeSpan.FromSeconds(5));
        await stopping;
        Task stop = Task.WhenAll(services.Select(static s => s.StopAsync(default)));
        stop.IsCompleted.Should().BeFalse("a request is under way");
        _slow.SetResult(Reply.Whole("slow"));
        await stop;
        (await underWay).Text.Should().Be("slow");
        _logs.GetSnapshot().Should().NotContain(static l => l.Id.Id == 107);
    }

    [Fact]
    public async Task Stop_RequestNeverEnds_EndsAtTheTimeoutAndSaysSo()
    {
        await using TestComposite composite = Create();
        IHostedLifecycleService[] services = Start(composite);
        Task<ChatResponse> underWay = composite.AskAsync();
        Task stop = Task.WhenAll(services.Select(static s => s.StopAsync(default)));
        composite.Clock.Advance(TimeSpan.FromSeconds(20));
        await stop;
        _logs.GetSnapshot().Should().ContainSingle(static l => l.Id.Id == 107).Which.Message.Should().Contain("1 requests").And.Contain("Drain:Timeout");
        _slow.SetResult(Reply.Whole("late"));
        await underWay;
    }

    [Fact]
    public async Task Stop_SecondSignal_EndsAtOnce()
    {
        await using TestComposite composite = Create();
        IHostedLifecycleService[] services = Start(composite);
        Task<ChatResponse> underWay = composite.AskAsync();
        using CancellationTokenSource impatient = new();
        Task stopping = Task.WhenAll(services.Select(s => s.StoppingAsync(impatient.Token)));
        await impatient.CancelAsync();
        await stopping;
        await Task.WhenAll(services.Select(s => s.StopAsync(impatient.Token)));
        _slow.SetResult(Reply.Whole("late"));
        await underWay;
    }

    private TestComposite Create() => new([_provider], static o => o.Drain.Delay = TimeSpan.FromSeconds(5), services: s =>
    {
        s.AddHealthChecks().AddProviders();
        s.AddLogging(b => b.AddProvider(new FakeLoggerProvider(_logs)));
    });

    private static IHostedLifecycleService[] Start(TestComposite composite)
    {
        IHostedLifecycleService[] services = [.. composite.Services.GetServices<IHostedService>().OfType<IHostedLifecycleService>()];
        services.Should().ContainSingle();
        services[0].StartingAsync(default).IsCompleted.Should().BeTrue();
        services[0].StartAsync(default).IsCompleted.Should().BeTrue();
        services[0].StartedAsync(default).IsCompleted.Should().BeTrue();
        services[0].StoppedAsync(default).IsCompleted.Should().BeTrue();
        return services;
    }

    private static async Task<HealthStatus> HealthAsync(TestComposite composite) =>
        (await composite.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status;
}
