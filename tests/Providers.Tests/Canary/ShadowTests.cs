using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Providers.Tests.Support;

namespace Providers.Tests.Canary;

public sealed class ShadowTests
{
    private readonly FakeProvider _live = Embedder("live", 4);
    private readonly FakeProvider _shadow = Embedder("shadow", 4);
    private readonly FakeLogCollector _logs = new();

    [Fact]
    public async Task Shadow_SeesItsShareAndAnswersNobody()
    {
        await using TestComposite composite = Create();
        for (int i = 0; i < 100; i++)
        {
            GeneratedEmbeddings<Embedding<float>> result = await composite.Embeddings.GenerateAsync(["a", "b"]);
            result.AdditionalProperties![ResponseAnnotations.Provider].Should().Be("live");
        }

        _live.Embedded.Should().HaveCount(100);
        _shadow.Embedded.Count.Should().BeInRange(30, 70);
        CanaryStatus status = Status(composite);
        status.IsShadow.Should().BeTrue();
        status.Evidence.Should().Match<CanaryEvidence>(e => e.CanaryRequests == _shadow.Embedded.Count && e.CanaryErrors == 0 && e.StableRequests == 100);
        status.Evidence.Agreement.Should().BeApproximately(1, 1e-5, "both fakes make the same vectors");
        composite.Catalog.Invoking(static c => c.ControlCanary("e", CanaryAction.Promote)).Should().Throw<InvalidOperationException>().WithMessage("*Shadow off*");
    }

    [Fact]
    public async Task Shadow_FailsAndHangs_CallersDoNotNoticeAndItIsRolledBack()
    {
        _shadow.Embed = static _ => Task.FromException<GeneratedEmbeddings<Embedding<float>>>(new IOException("gone"));
        await using TestComposite composite = Create();
        for (int i = 0; i < 100; i++)
        {
            await composite.Embeddings.GenerateAsync(["a"]);
        }

        Status(composite).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.RolledBack && s.Decisions[0].Reason == "hard_stop");
        _shadow.Embedded.Count.Should().BeLessThan(40);
    }

    [Fact]
    public async Task Shadow_WrongVectors_CountAsFailures()
    {
        _shadow.Embed = static texts => Task.FromResult(Reply.Vectors(texts.Count + 1, 4));
        await using TestComposite composite = Create();
        for (int i = 0; i < 20; i++)
        {
            await composite.Embeddings.GenerateAsync(["a"]);
        }

        Status(composite).Evidence.Should().Match<CanaryEvidence>(static e => e.CanaryErrors > 0 && e.CanaryErrors == e.CanaryRequests && e.Agreement == null);
    }

    [Fact]
    public async Task Shadow_Hangs_CopiesAreBoundedAndEndByTheirDeadline()
    {
        TaskCompletionSource<GeneratedEmbeddings<Embedding<float>>> never = new();
        _shadow.Embed = _ => never.Task;
        await using TestComposite composite = Create();
        for (int i = 0; i < 100; i++)
        {
            await composite.Embeddings.GenerateAsync(["a"]);
        }

        _shadow.Embedded.Should().HaveCount(16, "no more copies are under way at once");
        composite.Catalog.GetProviders().Single(static p => p.Descriptor.Name == "shadow").InFlight.Should().Be(16);
        composite.Clock.Advance(TimeSpan.FromMinutes(6));
        await composite.Catalog.DrainAsync("shadow");
        _shadow.Embedded.Should().HaveCount(16);
        for (int i = 0; i < 10; i++)
        {
            await composite.Embeddings.GenerateAsync(["a"]);
        }

        _shadow.Embedded.Should().HaveCount(16, "one that drains is left out");
    }

    [Theory]
    [InlineData(16)] // as many as there may be of all shadows together
    [InlineData(1)] // as many as the provider takes
    public async Task Shadow_WasFull_TakesCopiesAgainWhenThoseUnderWayHaveEnded(int places)
    {
        TaskCompletionSource<GeneratedEmbeddings<Embedding<float>>> slow = new();
        _shadow.Embed = _ => slow.Task;
        await using TestComposite composite = Create(o => o.Providers["shadow"] = new ProviderOptions { MaxConcurrency = places == 16 ? null : places });
        await EmbedAsync(composite, 100);
        _shadow.Embedded.Should().HaveCount(places);
        LeftOut().Should().OnlyContain(m => m == $"A shadow request to 'shadow/shadow-model' of route 'e' was left out: {(places == 16 ? "16 copies are under way" : "all its places are taken")}.").And.NotBeEmpty();
        slow.SetResult(Reply.Vectors(1, 4));
        _shadow.Embed = static texts => Task.FromResult(Reply.Vectors(texts.Count, 4));
        await EmbedAsync(composite, 100);
        _shadow.Embedded.Count.Should().BeGreaterThan(places + 25, "about half of a hundred more");
        composite.Host.Plans.Current.Budget.Requests.Should().Be(0, "neither a copy nor one left out keeps a plan alive");
    }

    [Fact]
    public async Task Shadow_TakesNoTraffic_IsLeftOut()
    {
        await using TestComposite composite = Create();
        composite.Catalog.Isolate("shadow");
        await EmbedAsync(composite, 20);
        _shadow.Embedded.Should().BeEmpty();
        LeftOut().Should().OnlyContain(static m => m == "A shadow request to 'shadow/shadow-model' of route 'e' was left out: it takes no traffic.").And.NotBeEmpty();
        composite.Host.Plans.Current.Budget.Requests.Should().Be(0);
    }

    [Fact]
    public async Task Shadow_DoesNotEmbed_IsLeftOut()
    {
        _shadow.Embeds = false;
        await using TestComposite composite = Create();
        await EmbedAsync(composite, 20);
        _shadow.Embedded.Should().BeEmpty();
        Status(composite).Evidence.CanaryRequests.Should().Be(0);
    }

    [Fact]
    public async Task Shadow_TakesItsTime_ThatIsItsLatencyNotTheCallers()
    {
        await using TestComposite composite = Create();
        _shadow.Embed = async texts =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(40), composite.Clock);
            return Reply.Vectors(texts.Count, 4);
        };
        await EmbedAsync(composite, 20);
        composite.Clock.Advance(TimeSpan.FromMilliseconds(40));
        CanaryEvidence evidence = Status(composite).Evidence;
        evidence.CanaryP95.TotalMilliseconds.Should().BeInRange(36, 44);
        evidence.StableP95.TotalMilliseconds.Should().BeLessThan(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Shadow_FailsAfterAWhile_CoolsDownFromThen(bool wrongVectors)
    {
        await using TestComposite composite = Create();
        _shadow.Embed = async texts =>
        {
            await Task.Delay(TimeSpan.FromSeconds(2), composite.Clock);
            return wrongVectors ? Reply.Vectors(texts.Count + 1, 4) : throw new IOException("gone");
        };
        for (int i = 0; i < 100 && Status(composite).Phase != CanaryPhase.RolledBack; i++)
        {
            await EmbedAsync(composite, 2);
            composite.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        Status(composite).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.RolledBack && s.CooldownLeft == TimeSpan.FromHours(1));
    }

    private static async Task EmbedAsync(TestComposite composite, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await composite.Embeddings.GenerateAsync(["a"]);
        }
    }

    private IEnumerable<string> LeftOut() => _logs.GetSnapshot().Where(static l => l.Id.Id == 202).Select(static l => l.Message);

    private TestComposite Create(Action<CompositeOptions>? configure = null) => new([_live, _shadow], services: s => s.AddLogging(b => b.SetMinimumLevel(LogLevel.Debug).AddProvider(new FakeLoggerProvider(_logs))), configure: o =>
    {
        o.DefaultRoute = "e";
        o.Routes["e"] = new RouteOptions
        {
            Targets =
            {
                new TargetOptions { Provider = "live" },
                new TargetOptions { Provider = "shadow", Canary = new CanaryOptions { Shadow = true, Steps = { 50 } } },
            },
        };
        configure?.Invoke(o);
    });

    private static CanaryStatus Status(TestComposite composite) => composite.Catalog.GetRoutes().Single(static r => r.Name == "e").Canary!;

    private static FakeProvider Embedder(string name, int dimensions) => new(name)
    {
        Chats = false,
        Embeds = true,
        Descriptor = new ProviderDescriptor(name, "Fake") { Models = [new ModelDescriptor($"{name}-model") { EmbeddingDimensions = dimensions, VectorSpace = name }] },
    };
}
