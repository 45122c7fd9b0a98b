using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.OpenAI.Tests.Options;

public sealed class FactoryTests
{
    private readonly OpenAIProviderFactory _factory = new();

    [Fact]
    public void Factory_ByItsConstantName_IsFound()
    {
        Type? type = Type.GetType("Providers.OpenAI.OpenAIProviderFactory, Providers.OpenAI");
        Activator.CreateInstance(type!).Should().BeAssignableTo<IProviderFactory>().Which.Kind.Should().Be("OpenAI");
    }

    [Fact]
    public async Task FromConfiguration_WholeSection_IsRead()
    {
        ProviderRegistration registration = _factory.FromConfiguration("hosted", Section(new()
        {
            ["Endpoint"] = "http://127.0.0.1:8000/v1",
            ["Profile"] = "Vllm",
            ["ApiKey"] = "first-key",
            ["ApiKeys:0"] = "second-key",
            ["ApiKeyHeader"] = "X-Key",
            ["Organization"] = "org",
            ["Project"] = "proj",
            ["DefaultModel"] = "sable",
            ["Models:sable:Capabilities"] = "Chat, Tools",
            ["Models:sable:ContextWindow"] = "8192",
            ["IsLocal"] = "false",
            ["ConnectTimeout"] = "00:00:01",
            ["FirstByteTimeout"] = "00:00:02",
            ["IdleTimeout"] = "00:00:03",
            ["MaxConnections"] = "4",
            ["EmbeddingBatchSize"] = "5",
        }));
        registration.Errors.Should().BeEmpty();
        await using OpenAIProvider provider = (OpenAIProvider)registration.Create(new ServiceCollection().BuildServiceProvider());
        provider.Descriptor.Name.Should().Be("hosted");
        provider.Descriptor.Kind.Should().Be("OpenAI");
        provider.Descriptor.IsLocal.Should().BeFalse();
        provider.Descriptor.Endpoint.Should().Be(new Uri("http://127.0.0.1:8000/v1/"));
        provider.Descriptor.Models.Should().ContainSingle().Which.ContextWindow.Should().Be(8192);
        provider.EmbeddingGenerator.Should().BeNull();
        provider.Reranker.Should().BeNull();
        provider.Descriptor.ToString().Should().NotContain("-key");
    }

    [Fact]
    public void FromConfiguration_ValueThatIsNoTime_NamesItsKeyAndThrowsWhenMade()
    {
        ProviderRegistration registration = _factory.FromConfiguration("x", Section(new() { ["IdleTimeout"] = "soon" }));
        registration.Errors.Should().ContainSingle().Which.Should().StartWith("IdleTimeout");
        registration.Invoking(r => r.Create(null!)).Should().Throw<InvalidOperationException>().WithMessage("*'x'*IdleTimeout*");
    }

    [Fact]
    public void Unusable_ByAnErrorThatNamesNoKey_SaysThatOfTheSection() =>
        ProviderRegistration.Unusable("x", "Mine", Section(new() { ["a"] = "b" }), new InvalidOperationException("It is broken.")).Errors.Should().Equal("The section cannot be read: It is broken.");

    [Fact]
    public void FromConfiguration_EveryError_IsListed() =>
        _factory.FromConfiguration("x", Section(new() { ["MaxConnections"] = "0", ["EmbeddingBatchSize"] = "0" })).Errors.Should().HaveCount(3);

    [Fact]
    public void Fingerprint_FollowsTheContentAndHidesIt()
    {
        ProviderRegistration one = _factory.FromConfiguration("x", Section(new() { ["ApiKey"] = "secret-a" }));
        ProviderRegistration same = _factory.FromConfiguration("x", Section(new() { ["ApiKey"] = "secret-a" }));
        ProviderRegistration other = _factory.FromConfiguration("x", Section(new() { ["ApiKey"] = "secret-b" }));
        one.Fingerprint.Should().Be(same.Fingerprint).And.NotBe(other.Fingerprint).And.NotContain("secret");
    }

    [Fact]
    public void FromEnvironment_WithoutKey_OffersNothing() => _factory.FromEnvironment(static _ => null).Should().BeNull();

    [Fact]
    public async Task FromEnvironment_WithKeyAndAddress_OffersThatServer()
    {
        Dictionary<string, string> environment = new() { ["OPENAI_API_KEY"] = " k ", ["OPENAI_BASE_URL"] = "http://127.0.0.1:9/v1", ["OPENAI_MODEL"] = "sable" };
        ProviderRegistration registration = _factory.FromEnvironment(environment.GetValueOrDefault)!;
        registration.Errors.Should().BeEmpty();
        await using OpenAIProvider provider = (OpenAIProvider)registration.Create(new ServiceCollection().BuildServiceProvider());
        provider.Descriptor.Name.Should().Be("openai");
        provider.Descriptor.Endpoint.Should().Be(new Uri("http://127.0.0.1:9/v1/"));
        provider.Descriptor.IsLocal.Should().BeTrue();
    }

    [Fact]
    public void FromEnvironment_WithBadAddress_SaysWhichVariable()
    {
        Dictionary<string, string> environment = new() { ["OPENAI_API_KEY"] = "k", ["OPENAI_BASE_URL"] = "nowhere" };
        _factory.FromEnvironment(environment.GetValueOrDefault)!.Errors.Should().ContainSingle().Which.Should().StartWith("Endpoint").And.Contain("OPENAI_BASE_URL");
    }

    [Fact]
    public async Task AddOpenAI_ToAComposite_MakesItsProvider()
    {
        ServiceCollection services = new();
        services.AddCompositeProvider(c => c.AddOpenAI("mine", o => { o.Endpoint = new Uri("http://127.0.0.1:9/v1"); o.DefaultModel = "m"; }));
        await using ServiceProvider provider = services.BuildServiceProvider();
        provider.GetRequiredService<IProviderCatalog>().GetProviders().Should().ContainSingle().Which.Descriptor.Name.Should().Be("mine");
    }

    [Fact]
    public void AddOpenAI_Twice_IsReportedAsOneError()
    {
        ServiceCollection services = new();
        services.AddCompositeProvider(c => c.AddOpenAI("a", o => o.MaxConnections = 0).AddOpenAI("b", o => o.MaxConnections = 0));
        using ServiceProvider provider = services.BuildServiceProvider();
        provider.Invoking(p => p.GetRequiredService<IProviderCatalog>()).Should().Throw<Exception>().WithMessage("*a:MaxConnections*b:MaxConnections*");
    }

    [Fact]
    public void AddOpenAI_WithoutOptions_TakesThemFromTheEnvironment()
    {
        Recorder builder = new();
        builder.AddOpenAI().Should().BeSameAs(builder);
        builder.Added.Should().ContainSingle().Which.Should().Match<ProviderRegistration>(r => r.Name == "openai" && r.Kind == "OpenAI" && r.Fingerprint == null);
    }

    private sealed class Recorder : ICompositeProviderBuilder
    {
        public string Name => "";

        public IServiceCollection Services { get; } = new ServiceCollection();

        public List<ProviderRegistration> Added { get; } = [];

        public ICompositeProviderBuilder AddProvider(ProviderRegistration registration)
        {
            Added.Add(registration);
            return this;
        }
    }

    private static IConfigurationSection Section(Dictionary<string, string?> values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(p => "Providers:Providers:x:" + p.Key, p => p.Value)).Build().GetSection("Providers:Providers:x");
}
