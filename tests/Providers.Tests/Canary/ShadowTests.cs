using Providers.Tests.Support;

namespace Providers.Tests.Canary;

public sealed class ShadowTests
{
    private readonly FakeProvider _live = Embedder("live", 4);
    private readonly FakeProvider _shadow = Embedder("shadow", 4);

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

    [Fact]
    public async Task Shadow_PlacesTakenOrNoEmbeddings_IsLeftOut()
    {
        await using TestComposite busy = Create(static o => o.Providers["shadow"] = new ProviderOptions { MaxConcurrency = 1 });
        TaskCompletionSource<GeneratedEmbeddings<Embedding<float>>> slow = new();
        _shadow.Embed = _ => slow.Task;
        for (int i = 0; i < 30; i++)
        {
            await busy.Embeddings.GenerateAsync(["a"]);
        }

        _shadow.Embedded.Should().ContainSingle();
        slow.SetResult(Reply.Vectors(1, 4));
        _shadow.Embeds = false;
    }

    private TestComposite Create(Action<CompositeOptions>? configure = null) => new([_live, _shadow], o =>
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
