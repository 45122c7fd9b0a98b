using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Providers.Tests.Support;

namespace Providers.Tests.Configuration;

public sealed class ConfigurationTests
{
    [Fact]
    public void Build_ManyErrors_ReportsThemAllAtOnceEachWithItsKey()
    {
        string json = """
        {
          "Providers": {
            "DefaultRoute": "nowhere",
            "Timeouts": { "Total": "00:00:00.001", "Gap": "2.00:00:00" },
            "Retry": { "MaxRetries": 11, "BudgetRatio": "NaN" },
            "Circuit": { "FailureRatio": 1.5, "BreakDuration": "00:02:00", "MaxBreakDuration": "00:01:00" },
            "Providers": {
              "a": { "Kind": "Fake", "MaxConcurrency": 0 },
              "b": { "Kind": "Fake", "QueueLimit": 5, "Broken": true },
              "c/d": { "Kind": "Fake" },
              "e": { "Kind": "Telepathy" }
            },
            "Routes": {
              "chat": { "Targets": [ { "Provider": "a", "Weight": -1 }, { "Provider": "ghost" }, { "Provider": "a" }, { "Provider": "a", "Weight": "NaN" } ], "Fallback": [ "code", "missing" ] },
              "code": { "Targets": [ { "Provider": "a", "Model": "unheard-of" } ], "Fallback": [ "chat" ], "Aliases": [ "chat" ] },
              "empty": { }
            }
          }
        }
        """;
        OptionsValidationException error = Errors(json);
        string all = string.Join("\n", error.Failures);
        foreach (string key in (string[])
        [
            "Providers:DefaultRoute is 'nowhere'", "Providers:Timeouts:Total is 00:00:00.0010000", "Providers:Timeouts:Gap",
            "Providers:Retry:MaxRetries is 11", "Providers:Retry:BudgetRatio is NaN", "Providers:Circuit:FailureRatio is 1.5", "Providers:Circuit:MaxBreakDuration",
            "Providers:Providers:a:MaxConcurrency is 0", "Providers:Providers:b:QueueLimit is 5", "Providers:Providers:b:Broken is true; it must be false.",
            "Providers:Providers:c/d is no name", "Providers:Providers:e:Kind is 'Telepathy'",
            "Providers:Routes:chat:Targets:0:Weight is -1", "Providers:Routes:chat:Targets:1:Provider is 'ghost'", "Providers:Routes:chat:Targets names 'a' twice",
            "Providers:Routes:chat:Targets:3:Weight is NaN", "Providers:Routes:chat:Fallback names 'missing'", "Providers:Routes:chat:Fallback runs in a circle: chat -> code -> chat",
            "Providers:Routes:code:Targets:0:Model is 'unheard-of'", "Providers:Routes:code:Aliases holds 'chat'", "Providers:Routes:empty:Targets is empty",
        ])
        {
            all.Should().Contain(key);
        }
    }

    [Theory]
    [InlineData("""{ "Providers": { "Providers": { } , "Timeouts": { "Gap": "00:00:30" } } }""", "there is no provider")]
    [InlineData("""{ "Providers": { "Providers": { "a": { "Kind": "Fake", "Enabled": false } } } }""", "there is no provider")]
    [InlineData("""{ "Providers": { "Timeouts": { "Gap": "soon" }, "Providers": { "a": { "Kind": "Fake" } } } }""", "Timeouts:Gap")]
    [InlineData("""{ "Providers": { "Providers": { "a": { "Kind": "Fake" } }, "Routes": { "r": { "Policy": "Weighted", "Targets": [ { "Provider": "a", "Weight": 0 } ] } } } }""", "all have weight 0")]
    [InlineData("""{ "Providers": { "Providers": { "a": { "Kind": "Fake" } }, "Routes": { "r": { "Capabilities": "Vision", "Targets": [ { "Provider": "a" } ] } } } }""", "lacks Vision")]
    [InlineData("""{ "Providers": { "Providers": { "a": { "Kind": "Fake", "Timeouts": { "Total": "00:01:00" } } } } }""", "belongs to a request")]
    [InlineData("""{ "Providers": { "Providers": { "a": { "Kind": "Fake" } }, "Failures": { "TimedOut": { "Pause": "-00:00:01" } } } }""", "Failures:TimedOut:Pause")]
    public void Build_OneError_NamesIt(string json, string expected) => Errors(json).Message.Should().Contain(expected);

    [Fact]
    public async Task Host_ConfigurationIsWrong_FailsAtItsStart()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddJsonStream(Stream("""{ "Providers": { "Providers": { "x": { "Kind": "Nothing" } } } }"""));
        builder.AddCompositeProvider();
        using IHost host = builder.Build();
        await FluentActions.Awaiting(() => host.StartAsync()).Should().ThrowAsync<OptionsValidationException>();
    }

    [Fact]
    public void Build_ProviderAddedTwiceInCode_IsAnError()
    {
        ServiceCollection services = new();
        services.AddCompositeProvider(static b => b.AddProvider("a", static _ => new FakeProvider("a")).AddProvider("A", static _ => new FakeProvider("A")));
        using ServiceProvider provider = services.BuildServiceProvider();
        FluentActions.Invoking(() => provider.GetRequiredService<IChatClient>()).Should().Throw<OptionsValidationException>().WithMessage("*a is defined 2 times*");
    }

    [Fact]
    public async Task Read_WholeSection_EveryKnobArrives()
    {
        string json = """
        {
          "Providers": {
            "DefaultRoute": "fast",
            "Failures": { "Transient": { "FailOver": false } },
            "Providers": {
              "z": { "Kind": "Fake", "Order": 1, "Local": true },
              "y": { "Kind": "fake", "Order": 2, "MaxConcurrency": 3, "QueueLimit": 1, "RateLimitDomain": "shared" }
            },
            "Routes": {
              "fast": { "Policy": "RoundRobin", "Targets": [ { "Provider": "y" } ], "Aliases": [ "quick_fix" ], "Fallback": [ "slow" ], "WaitForFirst": "00:00:05", "Hedging": { "Delay": "00:00:01" } },
              "slow": { "Targets": [ { "Provider": "z", "Model": "declared" } ], "LocalOnly": true }
            }
          }
        }
        """;
        await using ServiceProvider provider = Provider(json);
        IProviderCatalog catalog = provider.GetRequiredService<IProviderCatalog>();
        catalog.GetRoutes().Select(static r => (r.Name, r.IsDefault, r.Policy)).Should().Equal(("fast", true, "RoundRobin"), ("slow", false, "Priority"));
        catalog.GetRoutes()[0].Targets.Select(static t => t.Provider).Should().Equal("y", "z");
        catalog.GetProviders().Select(static p => p.Descriptor.Name).Should().Equal("z", "y");
        IChatClient chat = provider.GetRequiredService<IChatClient>();
        (await chat.GetResponseAsync("hi", new ChatOptions { ModelId = "QUICK_FIX" })).GetProvider().Should().Be("y");
        (await chat.GetResponseAsync("hi", new ChatOptions { ModelId = "slow" })).GetProvider().Should().Be("z");
        (await chat.GetResponseAsync("hi", new ChatOptions { ModelId = "y/declared" })).GetProvider().Should().Be("y");
        (await chat.GetResponseAsync("hi", new ChatOptions { ModelId = "declared" })).GetProvider().Should().Be("z");
        (await chat.GetResponseAsync("hi", new ChatOptions { ModelId = "y/anything" })).AdditionalProperties![ResponseAnnotations.Model].Should().Be("anything");
        ProviderException unknown = (await FluentActions.Awaiting(() => chat.GetResponseAsync("hi", new ChatOptions { ModelId = "nonsense" })).Should().ThrowAsync<ProviderException>()).Which;
        unknown.Kind.Should().Be(FailureKind.ModelMissing);
        unknown.Message.Should().Contain("nonsense").And.Contain("fast").And.Contain("y/declared");
    }

    [Fact]
    public async Task Read_NoRoutes_AllProvidersInOrderServeByDefault()
    {
        await using ServiceProvider provider = Provider("""{ "Providers": { "Providers": { "b": { "Kind": "Fake" }, "a": { "Kind": "Fake" }, "c": { "Kind": "Fake", "Order": -1 } } } }""");
        provider.GetRequiredService<IProviderCatalog>().GetRoutes().Should().ContainSingle().Which.Targets.Select(static t => t.Provider).Should().Equal("c", "a", "b");
    }

    [Fact]
    public async Task Zero_NoSection_TakesWhatTheEnvironmentOffers()
    {
        await using ServiceProvider provider = Provider("{}");
        provider.GetRequiredService<IProviderCatalog>().GetProviders().Should().ContainSingle().Which.Descriptor.Name.Should().Be("environment");
    }

    /// <summary>A host may register an adapter that is found by itself as well.</summary>
    [Fact]
    public async Task Zero_AnAdapterRegisteredTwice_OffersItsServerOnce()
    {
        FakeFactory first = new(), second = new();
        ServiceCollection services = new();
        services.AddSingleton<IProviderFactory>(first).AddSingleton<IProviderFactory>(second);
        services.AddCompositeProvider();
        await using ServiceProvider provider = services.BuildServiceProvider();
        provider.GetRequiredService<IProviderCatalog>().GetProviders().Should().ContainSingle().Which.Descriptor.Name.Should().Be("environment");
        (first.Made.Count, second.Made.Count).Should().Be((1, 0));
    }

    [Fact]
    public async Task Keyed_TwoComposites_AreApart()
    {
        ServiceCollection services = new();
        services.AddKeyedCompositeProvider("a", configure: static b => b.AddProvider("one", static _ => new FakeProvider("one")));
        services.AddKeyedCompositeProvider("b", configure: static b => b.AddProvider("two", static _ => new FakeProvider("two") { Embeds = true }));
        services.AddHealthChecks().AddProviders("a", "a").AddProviders("b", "b");
        await using ServiceProvider provider = services.BuildServiceProvider();
        (await provider.GetRequiredKeyedService<IChatClient>("a").GetResponseAsync("hi")).GetProvider().Should().Be("one");
        (await provider.GetRequiredKeyedService<IChatClient>("b").GetResponseAsync("hi")).GetProvider().Should().Be("two");
        provider.GetRequiredKeyedService<IProviderCatalog>("b").GetProviders().Should().ContainSingle();
        provider.GetRequiredKeyedService<IReranker>("b").Should().NotBeNull();
        (await provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("b").GenerateAsync(["x"])).Should().ContainSingle();
        provider.GetService<IChatClient>().Should().BeNull();
    }

    [Fact]
    public async Task Add_CalledTwice_IsOneComposite()
    {
        ServiceCollection services = new();
        services.AddCompositeProvider(static b => b.AddProvider("one", static _ => new FakeProvider("one")));
        services.AddCompositeProvider().AddRoute("r", "one");
        await using ServiceProvider provider = services.BuildServiceProvider();
        provider.GetRequiredService<IProviderCatalog>().GetRoutes().Should().ContainSingle().Which.Name.Should().Be("r");
        provider.GetServices<IHostedService>().Should().ContainSingle();
    }

    [Fact]
    public async Task Pipeline_AddedAbove_SeesEveryAnswerOnce()
    {
        int seen = 0;
        ServiceCollection services = new();
        services.AddCompositeProvider(b => b
            .AddProvider("bad", static _ => new FakeProvider("bad").Fails(FailureKind.ConnectionLost))
            .AddProvider("good", static _ => new FakeProvider("good"))
            .UseChatPipeline(chat => chat.Use(async (messages, options, inner, token) =>
            {
                seen++;
                return await inner.GetResponseAsync(messages, options, token);
            }, null)));
        await using ServiceProvider provider = services.BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();
        (await client.GetResponseAsync("hi")).GetProvider().Should().Be("good");
        seen.Should().Be(1);
        client.GetService<ChatClientMetadata>()!.ProviderName.Should().Be("providers");
        client.GetService(typeof(ChatClientMetadata), "key").Should().BeNull();
        client.GetService<string>().Should().BeNull();
    }

    internal static ServiceProvider Provider(string json, FakeTimeProvider? clock = null)
    {
        ServiceCollection services = new();
        services.AddSingleton<IProviderFactory>(new FakeFactory());
        if (clock is not null)
        {
            services.AddSingleton<TimeProvider>(clock);
        }

        services.AddCompositeProvider(new ConfigurationBuilder().AddJsonStream(Stream(json)).Build().GetSection("Providers"));
        return services.BuildServiceProvider();
    }

    private static OptionsValidationException Errors(string json)
    {
        using ServiceProvider provider = Provider(json);
        return FluentActions.Invoking(() => provider.GetRequiredService<IChatClient>()).Should().Throw<OptionsValidationException>().Which;
    }

    private static MemoryStream Stream(string json) => new(Encoding.UTF8.GetBytes(json));
}
