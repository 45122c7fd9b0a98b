using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Ollama.Tests;

/// <summary>Options, registration, health, discovery, pull and warm-up.</summary>
public sealed class ProviderTests
{
    [Fact]
    public async Task Health_ServerIsUp_TellsVersionAndLoadedModels()
    {
        await using OllamaServer server = await OllamaServer.StartAsync(new ModelServerOptions { Models = ["a:1b", "b:2b"] });
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        ProviderHealthReport report = await provider.CheckHealthAsync();
        report.Health.Should().Be(ProviderHealth.Healthy);
        report.LoadedModels.Should().NotBeNull();
        server.Requests.Should().NotContain(static r => r.Path == "/api/chat", "a probe is free");
    }

    [Fact]
    public async Task Discover_DeclaredModels_KeepTheirDeclarationAndComeFirst()
    {
        await using OllamaServer server = await OllamaServer.StartAsync(new ModelServerOptions { Models = ["a:1b", "b:2b"] });
        OllamaProviderOptions options = new() { Endpoint = server.Endpoint, DefaultModel = "bee" };
        options.Models["ay"] = new ModelOptions { Id = "a:1b", ContextWindow = 1_024 };
        options.Models["bee"] = new ModelOptions { Id = "b:2b" };
        using OllamaProvider provider = new("o", options);
        provider.Descriptor.Models[0].Id.Should().Be("b:2b", "the default comes first");
        IReadOnlyList<ModelDescriptor> models = await provider.DiscoverModelsAsync();
        models.Select(static m => m.Id).Should().Equal("b:2b", "a:1b");
        models[1].ContextWindow.Should().Be(1_024);
        provider.Descriptor.Should().Match<ProviderDescriptor>(static d => d.IsLocal && d.LoadsOnDemand && d.Kind == "Ollama");
        provider.ChatClient!.GetService<ChatClientMetadata>()!.Should().Match<ChatClientMetadata>(static m => m.ProviderName == "ollama" && m.DefaultModelId == "b:2b");
        provider.ChatClient!.GetService(typeof(ChatClientMetadata), "key").Should().BeNull();
        provider.ChatClient!.GetService<string>().Should().BeNull();
    }

    [Fact]
    public async Task Chat_NoModelNamed_TheFirstOnTheServerAnswers()
    {
        await using OllamaServer server = await OllamaServer.StartAsync(new ModelServerOptions { Models = ["a:1b"] });
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        ChatResponse response = await provider.ChatClient!.GetResponseAsync("hi");
        response.Text.Should().Be(CanonicalAnswer.Text);
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
        server.Requests[^1].Model.Should().Be("a:1b");
    }

    /// <summary>The first one on the server may be taken away while the host runs.</summary>
    [Theory]
    [InlineData("/api/chat")]
    [InlineData("/api/embed")]
    public async Task Request_NoModelNamedAndTheFirstIsGone_TheNextAsksAgain(string path)
    {
        await using OllamaServer server = await OllamaServer.StartAsync(new ModelServerOptions { Models = ["a:1b"] });
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        Task AskAsync() => path == "/api/chat" ? provider.ChatClient!.GetResponseAsync("hi") : provider.EmbeddingGenerator!.GenerateAsync(["hi"]);
        await AskAsync();
        await AskAsync();
        server.Requests.Count(static r => r.Path == "/api/tags").Should().Be(1);
        server.Faults.Enqueue(Fault.Status(404, message: "model 'a:1b' not found").On(path));
        (await FluentActions.Awaiting(AskAsync).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.ModelMissing);
        await AskAsync();
        server.Requests.Count(static r => r.Path == "/api/tags").Should().Be(2);
    }

    [Fact]
    public async Task Request_DefaultModelIsGone_IsStillTheOneThatWasConfigured()
    {
        await using OllamaServer server = await OllamaServer.StartAsync(new ModelServerOptions { Models = ["a:1b", "m"] });
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint, DefaultModel = "m" });
        server.Faults.Enqueue(Fault.Status(404, message: "model 'm' not found").On("/api/chat"));
        await FluentActions.Awaiting(() => provider.ChatClient!.GetResponseAsync("hi")).Should().ThrowAsync<ProviderException>();
        await provider.ChatClient!.GetResponseAsync("hi");
        server.Requests[^1].Model.Should().Be("m");
        server.Requests.Should().NotContain(static r => r.Path == "/api/tags");
    }

    [Fact]
    public async Task WarmUp_LoadsWithoutAPrompt()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        await provider.WarmUpAsync("m");
        server.Requests[^1].Body.Should().Contain("\"messages\":[]");
        server.Faults.Always(Fault.Status(503));
        await FluentActions.Awaiting(() => provider.WarmUpAsync("m")).Should().ThrowAsync<ProviderException>();
    }

    [Fact]
    public async Task Pull_ModelIsThere_EndsWithSuccess()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        await provider.PullAsync("m");
        server.Requests[^1].Path.Should().Be("/api/pull");
    }

    [Fact]
    public async Task Chat_MissingModelsArePulled_OnceAndThenItFails()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        server.Faults.Enqueue(Fault.Status(404, message: "model 'm' not found").On("/api/chat"));
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint, PullMissingModels = true });
        (await provider.ChatClient!.GetResponseAsync("hi", new ChatOptions { ModelId = "m" })).Text.Should().Be(CanonicalAnswer.Text);
        server.Requests.Select(static r => r.Path).Should().Equal("/api/chat", "/api/pull", "/api/chat");
        server.Faults.Always(Fault.Status(404, message: "model 'm' not found").On("/api/chat"));
        await FluentActions.Awaiting(() => provider.ChatClient!.GetResponseAsync("hi", new ChatOptions { ModelId = "m" })).Should().ThrowAsync<ProviderException>();
    }

    [Fact]
    public async Task Key_ByDelegate_IsSentAndMayChange()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        string key = "one";
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint, ApiKeyProvider = _ => new ValueTask<string>(key) });
        await provider.ChatClient!.GetResponseAsync("hi", new ChatOptions { ModelId = "m" });
        server.Requests[^1].Headers["Authorization"].Should().Be("Bearer one");
        key = "two";
        await provider.ChatClient!.GetResponseAsync("hi", new ChatOptions { ModelId = "m" });
        server.Requests[^1].Headers["Authorization"].Should().Be("Bearer two");
        key = "";
        await provider.ChatClient!.GetResponseAsync("hi", new ChatOptions { ModelId = "m" });
        server.Requests[^1].Headers.Should().NotContainKey("Authorization");
        using OllamaProvider fixedKey = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint, ApiKey = "three" });
        await fixedKey.ChatClient!.GetResponseAsync("hi", new ChatOptions { ModelId = "m" });
        server.Requests[^1].Headers["Authorization"].Should().Be("Bearer three");
    }

    [Fact]
    public async Task Embed_WrongAnswers_AreRefused()
    {
        await using OllamaServer server = await OllamaServer.StartAsync();
        using OllamaProvider provider = new("o", new OllamaProviderOptions { Endpoint = server.Endpoint });
        EmbeddingGenerationOptions options = new() { ModelId = "m" };
        server.Faults.Enqueue(Fault.WrongCount, Fault.Html, Fault.Status(404, message: "model 'm' not found"));
        FailureKind[] kinds = new FailureKind[3];
        for (int i = 0; i < 3; i++)
        {
            kinds[i] = (await FluentActions.Awaiting(() => provider.EmbeddingGenerator!.GenerateAsync(["a", "b"], options)).Should().ThrowAsync<ProviderException>()).Which.Kind;
        }

        kinds[0].Should().Be(FailureKind.InvalidResponse);
        kinds[1].Should().BeOneOf(FailureKind.Unknown, FailureKind.InvalidResponse);
        kinds[2].Should().Be(FailureKind.ModelMissing);
    }

    [Fact]
    public void Options_ManyErrors_AreAllListedWithTheirKeys()
    {
        OllamaProviderOptions options = new()
        {
            Endpoint = new Uri("ftp://x"),
            ContextLength = 1,
            ConnectTimeout = TimeSpan.Zero,
            FirstByteTimeout = TimeSpan.FromDays(1),
            IdleTimeout = TimeSpan.FromDays(2),
            DefaultModel = "ghost",
            ApiKey = "hush\n",
        };
        options.Models["m"] = new ModelOptions { ContextWindow = -1 };
        options.Models[" "] = new ModelOptions();
        IReadOnlyList<string> errors = OllamaOptionsCheck.Errors(options);
        foreach (string key in (string[])["Endpoint", "ContextLength is 1", "ConnectTimeout", "FirstByteTimeout", "IdleTimeout", "Models:m:ContextWindow", "without a name", "DefaultModel is 'ghost'", "ApiKey holds a blank"])
        {
            errors.Should().Contain(e => e.Contains(key, StringComparison.Ordinal));
        }

        FluentActions.Invoking(() => new OllamaProvider("o", options)).Should().Throw<ArgumentException>().WithMessage("*ContextLength*").Which.Message.Should().NotContain("hush");
    }

    [Theory]
    [InlineData(null, "http://127.0.0.1:11434/")]
    [InlineData("192.168.0.5", "http://192.168.0.5:11434/")]
    [InlineData("0.0.0.0:1234", "http://127.0.0.1:1234/")]
    [InlineData("https://ollama.example", "https://ollama.example/")]
    [InlineData("box:80", "http://box/")]
    public void Environment_OllamaHost_IsReadAsOllamaReadsIt(string? host, string expected)
    {
        ProviderRegistration registration = new OllamaProviderFactory().FromEnvironment(name => name == "OLLAMA_HOST" ? host : null)!;
        registration.Errors.Should().BeEmpty();
        using OllamaProvider provider = (OllamaProvider)registration.Create(new ServiceCollection().BuildServiceProvider());
        provider.Descriptor.Endpoint.Should().Be(new Uri(expected));
    }

    [Fact]
    public void Environment_NoAddress_IsAnError() =>
        new OllamaProviderFactory().FromEnvironment(static _ => "not an address")!.Errors.Should().ContainSingle().Which.Should().Contain("OLLAMA_HOST");

    [Fact]
    public void Configuration_Section_IsReadAndFingerprinted()
    {
        OllamaProviderFactory factory = new();
        ProviderRegistration one = factory.FromConfiguration("o", Section("""{ "o": { "Endpoint": "http://127.0.0.1:1", "ApiKey": "secret", "Models": { "m": { "Id": "a:1b", "Capabilities": "Chat, Tools" } } } }"""));
        ProviderRegistration same = factory.FromConfiguration("o", Section("""{ "o": { "ApiKey": "secret", "Endpoint": "http://127.0.0.1:1", "Models": { "m": { "Id": "a:1b", "Capabilities": "Chat, Tools" } } } }"""));
        ProviderRegistration other = factory.FromConfiguration("o", Section("""{ "o": { "Endpoint": "http://127.0.0.1:2" } }"""));
        one.Errors.Should().BeEmpty();
        one.Fingerprint.Should().Be(same.Fingerprint).And.NotBe(other.Fingerprint).And.NotContain("secret");
        factory.FromConfiguration("o", Section("""{ "o": { "IdleTimeout": "soon" } }""")).Errors.Should().ContainSingle().Which.Should().StartWith("IdleTimeout cannot be read: ");
        using OllamaProvider provider = (OllamaProvider)one.Create(new ServiceCollection().BuildServiceProvider());
        provider.EmbeddingGenerator.Should().BeNull("the declared model only chats");
        provider.ChatClient.Should().NotBeNull();
    }

    [Fact]
    public void Add_ToABuilder_RegistersWithItsErrors()
    {
        FakeBuilder builder = new();
        builder.AddOllama().AddOllama("second", static o => o.Endpoint = null);
        builder.Registrations.Select(static r => (r.Name, r.Errors.Count)).Should().Equal(("ollama", 0), ("second", 1));
    }

    private static IConfigurationSection Section(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build().GetSection("o");

    private sealed class FakeBuilder : ICompositeProviderBuilder
    {
        public List<ProviderRegistration> Registrations { get; } = [];

        public string Name => "";

        public IServiceCollection Services { get; } = new ServiceCollection();

        public ICompositeProviderBuilder AddProvider(ProviderRegistration registration)
        {
            Registrations.Add(registration);
            return this;
        }
    }
}
