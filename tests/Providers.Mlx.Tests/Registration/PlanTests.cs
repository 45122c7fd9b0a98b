namespace Providers.Mlx.Tests;

/// <summary>What holds where an option is left out, and that one that is given holds.</summary>
public sealed class PlanTests
{
    [Fact]
    public void Plan_OfNothing_AttachesToThisMachine()
    {
        MlxPlan plan = MlxPlan.From("m", new MlxProviderOptions());
        (plan.BaseUrl, plan.IsLocal, plan.DefaultModel, plan.FirstByteTimeout, plan.Launch, plan.StartEagerly, plan.ApiKey(), plan.Chats)
            .Should().Be((new Uri("http://127.0.0.1:8080/"), true, "default_model", TimeSpan.FromMinutes(5), null, false, null, true));
    }

    [Fact]
    public void Plan_OfALaunch_KnowsItsOneModel()
    {
        MlxPlan plan = MlxPlan.From("m", new MlxProviderOptions { Launch = new MlxLaunchOptions { Command = "serve", Model = "org/one", StartEagerly = true } });
        (plan.BaseUrl, plan.IsLocal, plan.FirstByteTimeout, plan.StartEagerly).Should().Be((null, true, TimeSpan.FromMinutes(2), true));
        (plan.WireModel(null), plan.ShownModel(null), plan.WireModel("org/two")).Should().Be((plan.Launch!.RequestModel, plan.Launch.RequestModel, "org/two"));
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/v1", null, true)]
    [InlineData("http://localhost:9/", null, true)]
    [InlineData("http://mac.example.org:9/", null, false)]
    [InlineData("http://mac.example.org:9/", true, true)]
    [InlineData("http://127.0.0.1:9/", false, false)]
    public void Plan_IsLocal_BySayingSoOrByItsAddress(string address, bool? said, bool local) =>
        MlxPlan.From("m", new MlxProviderOptions { BaseUrl = new Uri(address), IsLocal = said }).IsLocal.Should().Be(local);

    [Theory]
    [InlineData("http://h:9", "http://h:9/")]
    [InlineData("http://h:9/v1", "http://h:9/")]
    [InlineData("http://h:9/v1/", "http://h:9/")]
    [InlineData("http://h:9/mlx/v1", "http://h:9/mlx/")]
    [InlineData("http://h:9/mlx", "http://h:9/mlx/")]
    public void Plan_Address_IsTakenWithAndWithoutItsVersion(string address, string root) =>
        MlxPlan.From("m", new MlxProviderOptions { BaseUrl = new Uri(address) }).BaseUrl.Should().Be(new Uri(root));

    [Fact]
    public void Plan_WhatIsSaid_Holds()
    {
        MlxPlan plan = MlxPlan.From("m", new MlxProviderOptions
        {
            Model = "org/mine",
            ApiKey = "fixed",
            ApiKeyProvider = static () => "turning",
            FirstByteTimeout = TimeSpan.FromSeconds(7),
            IdleTimeout = TimeSpan.FromSeconds(8),
            ProbeTimeout = TimeSpan.FromSeconds(6),
        });
        (plan.DefaultModel, plan.ApiKey(), plan.FirstByteTimeout, plan.WireModel(null), plan.WireModel("other")).Should().Be(("org/mine", "turning", TimeSpan.FromSeconds(7), "org/mine", "other"));
        plan.WatchLimits.Should().Be(new WatchLimits(TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(3)));
        (plan.MaskKey("the key turning"), MlxPlan.From("m", new MlxProviderOptions { ApiKey = "abc" }).MaskKey("abc")).Should().Be(("the key ***", "abc"), "what is so short is a word of ordinary text");
    }

    [Fact]
    public void Plan_OfDeclaredModels_TakesTheFirstOfEachKind()
    {
        MlxProviderOptions options = new()
        {
            Models =
            {
                ["embed"] = new ModelOptions { Capabilities = ModelCapabilities.Embeddings },
                ["chat"] = new ModelOptions { Capabilities = ModelCapabilities.Chat, ContextWindow = 9 },
            },
        };
        MlxPlan plan = MlxPlan.From("m", options);
        (plan.Chats, plan.Find(null)!.Id, plan.ContextWindow("chat"), plan.ContextWindow("embed"), plan.EmbeddingModels.Single().Id).Should().Be((true, "chat", 9, null, "embed"));
        options.Models.Remove("chat");
        MlxPlan embeds = MlxPlan.From("m", options);
        (embeds.Chats, embeds.ProbeModel, embeds.Find(null)).Should().Be((false, "embed", null));
    }
}
