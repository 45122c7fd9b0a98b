using CustomProvider;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Providers.Testing;

namespace Providers.Repository.Tests;

/// <summary>samples/CustomProvider is a template that people copy: over real sockets it holds against every way to fail that a chat of text can meet.</summary>
public sealed class CustomProviderTests(ITestOutputHelper output) : IFaultWallSubject
{
    // It declares no tools (S25), one key or none (S28), and it does not embed (S29, S30).
    private static readonly string[] Others = ["S25", "S28", "S29", "S30"];

    public string Name => "samples/CustomProvider";

    [Fact]
    public async Task Template_OverTheFaultWall_PassesAll()
    {
        string[] scenarios = [.. FaultWall.Scenarios.Select(static s => s.Id).Except(Others)];
        FaultWallScorecard card = await FaultWall.RunAsync(this, new FaultWallOptions { Wire = FaultWallWire.Ollama, TimeScale = 0.1, Only = scenarios }, TestContext.Current.CancellationToken);
        string[] late = [.. card.Results.Where(static r => r.Verdict is not FaultWallVerdict.Pass).Select(static r => r.Scenario.Id)];
        output.WriteLine(card.ToMarkdown());
        if (late.Length > 0)
        {
            card = await FaultWall.RunAsync(this, new FaultWallOptions { Wire = FaultWallWire.Ollama, TimeScale = 0.5, Only = late }, TestContext.Current.CancellationToken); // a tenth of a second may be the machine's, half a second is not
        }

        card.Results.Where(static r => r.Verdict is not FaultWallVerdict.Pass).Select(static r => $"{r.Scenario.Id}: {r.Verdict}, {r.Reason}").Should().BeEmpty();
    }

    [Fact]
    public async Task Template_CutAtEveryPlace_NeverCallsHalfAnAnswerWhole()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        using LineProvider provider = new("lines", new LineProviderOptions { Endpoint = server.Endpoint });
        ChatResponse whole = await provider.ChatClient.GetResponseAsync("Hello", cancellationToken: TestContext.Current.CancellationToken);
        whole.Text.Should().Be(string.Concat(CanonicalAnswer.Tokens));
        for (int tokens = 0; tokens < CanonicalAnswer.Length; tokens++)
        {
            server.Faults.Enqueue(tokens % 2 == 0 ? Fault.CutAfter(tokens) : Fault.EndAfter(tokens)); // with and without a proper end of HTTP
            ProviderException failed = (await FluentActions.Awaiting(() => provider.ChatClient.GetResponseAsync("Hello", cancellationToken: TestContext.Current.CancellationToken)).Should().ThrowAsync<ProviderException>("cut after {0}", tokens)).Which;
            failed.Kind.Should().Be(FailureKind.ConnectionLost);
        }

        (await provider.CheckHealthAsync(TestContext.Current.CancellationToken)).Health.Should().Be(ProviderHealth.Healthy);
    }

    public ValueTask<FaultWallClient> BuildAsync(FaultWallSetup setup, CancellationToken cancellationToken)
    {
        FaultWallNeeds needs = setup.Needs;
        ServiceCollection services = new();
        services.AddSingleton(setup.Clock);
        services.AddCompositeProvider(composite =>
        {
            foreach (FaultWallTarget target in setup.Targets)
            {
                composite.AddLines(target.Name, o =>
                {
                    (o.Endpoint, o.DefaultModel, o.FirstByteTimeout) = (target.Endpoint, target.Model, needs.LoadTimeout ?? needs.TotalTimeout);
                    o.Models.Add(target.Descriptor);
                });
            }

            composite.UseSeed(1).AddRoute("wall", [.. setup.Targets.Select(static t => $"{t.Name}/{t.Model}")]).Configure(o =>
            {
                o.Health.Enabled = false;
                o.Timeouts = new TimeoutOptions
                {
                    Total = needs.TotalTimeout,
                    Attempt = needs.FirstContentTimeout,
                    FirstContent = needs.FirstContentTimeout,
                    Gap = needs.GapTimeout,
                    Load = needs.LoadTimeout ?? needs.FirstContentTimeout,
                };
                (o.Circuit.BreakDuration, o.Circuit.SlowStart) = (needs.BreakDuration, needs.BreakDuration);
                (o.Streams.Recovery, o.Streams.MinimumUpdatesPerSecond, o.Streams.RateWindow) = (needs.Recovery, needs.MinimumUpdatesPerSecond, needs.FirstContentTimeout);
                foreach (FaultWallTarget target in setup.Targets)
                {
                    o.Providers[target.Name] = new ProviderOptions { RateLimitDomain = target.RateLimitDomain };
                }
            });
        });
        ServiceProvider provider = services.BuildServiceProvider();
        return new(new FaultWallClient(provider.GetRequiredService<IChatClient>(), provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(), provider));
    }
}
