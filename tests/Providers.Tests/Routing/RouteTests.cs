using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;

namespace Providers.Tests.Routing;

/// <summary>Which targets a request gets by the name it gives, and which it must not get.</summary>
public sealed class RouteTests
{
    private readonly FakeProvider _declared = Declares("declared", "m1", "m2");
    private readonly FakeProvider _open = new("open");

    [Fact]
    public async Task Name_OfAModelNobodyDeclares_GoesToTheTargetsThatTakeAnyModel()
    {
        await using TestComposite composite = new([_declared, _open]);
        ChatResponse response = await composite.AskAsync(new ChatOptions { ModelId = "some-model:7b" });
        (response.GetProvider(), response.AdditionalProperties![ResponseAnnotations.Model]).Should().Be(("open", "some-model:7b"));
        _open.Calls.Single().Options!.ModelId.Should().Be("some-model:7b");
        _declared.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Name_OfAModelNobodyDeclares_IsAskedWithTheTargetsOwnChangeOfOptions()
    {
        await using TestComposite composite = new([_declared, _open], static o =>
        {
            o.Routes["r"] = new RouteOptions();
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "declared", Model = "m1" });
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "open", ConfigureOptions = static c => c.MaxOutputTokens = 77 });
        });
        await composite.AskAsync(new ChatOptions { ModelId = "some-model:7b" });
        _open.Calls.Single().Options!.MaxOutputTokens.Should().Be(77);
    }

    [Fact]
    public async Task Name_OfAModelNobodyDeclares_WhereOnlyACanaryWouldTakeIt_IsUnknown()
    {
        await using TestComposite composite = new([_declared, _open], static o =>
        {
            o.Routes["r"] = new RouteOptions();
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "declared", Model = "m1" });
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "open", Canary = new CanaryOptions() });
        });
        (await FluentActions.Awaiting(() => composite.AskAsync(new ChatOptions { ModelId = "some-model:7b" })).Should().ThrowAsync<ProviderException>())
            .Which.Kind.Should().Be(FailureKind.ModelMissing);
    }

    [Fact]
    public async Task Name_WithASlashOfNoProvider_IsAModelsName()
    {
        await using TestComposite composite = new([_open]);
        (await composite.AskAsync(new ChatOptions { ModelId = "acme/some-model" })).AdditionalProperties![ResponseAnnotations.Model].Should().Be("acme/some-model");
        (await composite.AskAsync(new ChatOptions { ModelId = "open/acme/some-model" })).AdditionalProperties![ResponseAnnotations.Model].Should().Be("acme/some-model");
        (await composite.AskAsync(new ChatOptions { ModelId = "/odd" })).AdditionalProperties![ResponseAnnotations.Model].Should().Be("/odd");
    }

    [Fact]
    public async Task Name_OfADeclaredModel_GoesToItAlone()
    {
        await using TestComposite composite = new([_declared, _open]);
        foreach (string name in (string[])["declared/m2", "m2", "DECLARED/m2"])
        {
            ChatResponse response = await composite.AskAsync(new ChatOptions { ModelId = name });
            (response.GetProvider(), response.AdditionalProperties![ResponseAnnotations.Model]).Should().Be(("declared", "m2"), name);
        }

        (await composite.AskAsync()).AdditionalProperties![ResponseAnnotations.Model].Should().Be("m1", "the first declared one is the default");
    }

    [Fact]
    public async Task Name_OfNothing_IsRefusedWithTheFirstTwentyKnownAndLeavesNothingBehind()
    {
        FakeProvider full = Declares("full", [.. Enumerable.Range(0, 25).Select(static i => $"m{24 - i:00}")]);
        await using TestComposite composite = new([full]);
        ProviderException error = (await FluentActions.Awaiting(() => composite.AskAsync(new ChatOptions { ModelId = "nothing" })).Should().ThrowAsync<ProviderException>()).Which;
        error.Kind.Should().Be(FailureKind.ModelMissing);
        string known = string.Join(", ", ["default", "full", .. Enumerable.Range(0, 18).Select(static i => $"full/m{i:00}")]);
        error.Message.Should().Contain("'nothing'").And.Contain($"Known are: {known}. Name").And.Contain("default route 'default'");
        full.Calls.Should().BeEmpty();
        composite.Host.Plans.Current.Budget.Requests.Should().Be(0, "a request that never began does not keep a plan alive");
        await composite.AskAsync();
        composite.Host.Plans.Current.Budget.Requests.Should().Be(0);
    }

    [Fact]
    public async Task Name_OfATask_IsARoute()
    {
        await using TestComposite composite = new([_declared, _open], static o =>
        {
            o.Routes["main"] = new RouteOptions();
            o.Routes["main"].Targets.Add(new TargetOptions { Provider = "declared" });
            o.Routes["fast"] = new RouteOptions { Aliases = { "quick_fix", "testing" } };
            o.Routes["fast"].Targets.Add(new TargetOptions { Provider = "open" });
        });
        (await composite.AskAsync(new ChatOptions { ModelId = "quick_fix" })).GetProvider().Should().Be("open");
        (await composite.AskAsync(new ChatOptions { ModelId = "Testing" })).GetProvider().Should().Be("open");
        (await composite.AskAsync()).GetProvider().Should().Be("declared");
    }

    [Fact]
    public async Task Order_ByProviderAndModel_IsFollowedAndTheRestIsSaidToBeExcluded()
    {
        FakeProvider third = new("third");
        await using TestComposite composite = new([_declared, _open, third], static o =>
        {
            o.Retry.MaxRetries = 0;
            o.Routes["r"] = new RouteOptions();
            foreach (string model in (string[])["m1", "m2"])
            {
                o.Routes["r"].Targets.Add(new TargetOptions { Provider = "declared", Model = model });
            }

            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "open" });
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "third" });
        });
        foreach (FakeProvider provider in composite.Fakes)
        {
            provider.Fails(FailureKind.Transient);
        }

        RequestPreferences wanted = new() { Order = ["Declared/m2", "open", "declared/m", "declared/M1", "nobody"] };
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.AskAsync(wanted.ApplyTo((ChatOptions?)null))).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets.Select(static t => (t.Provider, t.Model, t.Skipped)).Should().Equal(
            ("declared", "m2", SkipReason.None), ("open", null, SkipReason.None), ("declared", "m1", SkipReason.Excluded), ("third", null, SkipReason.Excluded));
    }

    [Fact]
    public async Task Embeddings_MarkedLocal_NeverLeaveLocalProvidersWhateverFails()
    {
        FakeProvider cloud = Embeds("cloud", local: false), near = Embeds("near", local: true);
        await using TestComposite composite = new([cloud, near], static o => o.Retry.MaxRetries = 0);
        EmbeddingGenerationOptions mine = new RequestPreferences { LocalOnly = true }.ApplyTo((EmbeddingGenerationOptions?)null);
        (await composite.Embeddings.GenerateAsync(["secret"], mine)).AdditionalProperties![ResponseAnnotations.Provider].Should().Be("near");
        near.Fails(FailureKind.ConnectionLost);
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.Embeddings.GenerateAsync(["secret"], mine)).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets.Should().Contain(static t => t.Provider == "cloud" && t.Skipped == SkipReason.NotLocal);
        cloud.Embedded.Should().BeEmpty();
    }

    [Fact]
    public async Task Options_ChangedForOneTarget_ReachItAlone()
    {
        await using TestComposite composite = new([_declared, _open], static o =>
        {
            o.Routes["r"] = new RouteOptions();
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "declared", ConfigureOptions = static c => c.Temperature = 0 });
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "open" });
        });
        _declared.Fails(FailureKind.Transient);
        ChatOptions asked = new() { Temperature = 0.7f };
        await composite.AskAsync(asked);
        await composite.AskAsync();
        _declared.Calls.Select(static c => c.Options!.Temperature).Should().OnlyContain(static t => t == 0);
        _open.Calls.Select(static c => c.Options?.Temperature).Should().Equal(0.7f, null);
        asked.Temperature.Should().Be(0.7f);
    }

    private static FakeProvider Declares(string name, params string[] models) => new(name)
    {
        Descriptor = new ProviderDescriptor(name, "Fake") { Models = [.. models.Select(static m => new ModelDescriptor(m) { Capabilities = ModelCapabilities.Chat })] },
    };

    private static FakeProvider Embeds(string name, bool local) => new(name)
    {
        Chats = false,
        Embeds = true,
        Descriptor = new ProviderDescriptor(name, "Fake") { IsLocal = local, Models = [new ModelDescriptor("e") { Capabilities = ModelCapabilities.Embeddings, VectorSpace = "one", EmbeddingDimensions = 4 }] },
    };
}
