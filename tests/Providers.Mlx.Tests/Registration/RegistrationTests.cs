using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Mlx.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public async Task FromEnvironment_Nothing_AttachesToTheUsualPort()
    {
        ProviderRegistration registration = new MlxProviderFactory().FromEnvironment(static _ => null)!;
        registration.Errors.Should().BeEmpty();
        registration.Kind.Should().Be("Mlx");
        await using MlxProvider provider = (MlxProvider)registration.Create(new ServiceCollection().BuildServiceProvider());
        provider.Descriptor.Should().BeEquivalentTo(new { Name = "mlx", Kind = "Mlx", Endpoint = new Uri("http://127.0.0.1:8080/"), IsLocal = true, LoadsOnDemand = true });
        provider.ServerStatus.Should().BeNull();
        provider.EmbeddingGenerator.Should().BeNull();
    }

    [Fact]
    public void Factory_IsFoundByItsName()
    {
        Type type = Type.GetType("Providers.Mlx.MlxProviderFactory, Providers.Mlx", throwOnError: true)!;
        ((IProviderFactory)Activator.CreateInstance(type)!).Kind.Should().Be("Mlx");
    }

    [Fact]
    public async Task FromConfiguration_EverySetting_IsBound()
    {
        IConfigurationSection section = Section(new()
        {
            ["Launch:Model"] = "org/model",
            ["Launch:PythonExecutable"] = "/opt/venv/bin/python",
            ["Launch:Arguments:0"] = "--log-level",
            ["Launch:Arguments:1"] = "DEBUG",
            ["Launch:Environment:HF_HUB_DISABLE_TELEMETRY"] = "1",
            ["Launch:HfHome"] = "/data/hf",
            ["Launch:LoadTimeout"] = "00:20:00",
            ["Launch:Offline"] = "true",
            ["Launch:ChatTemplateArguments"] = """{"enable_thinking":false}""",
            ["Models:org/model:ContextWindow"] = "8192",
            ["Models:org/model:Capabilities"] = "Chat, Streaming, Reasoning",
            ["MaxConcurrency"] = "3",
            ["JsonSchema"] = "Refused",
        });
        ProviderRegistration registration = new MlxProviderFactory().FromConfiguration("local", section);
        registration.Errors.Should().BeEmpty();
        registration.Name.Should().Be("local");
        await using MlxProvider provider = (MlxProvider)registration.Create(new ServiceCollection().AddLogging().BuildServiceProvider());
        provider.Descriptor.Models.Single().ContextWindow.Should().Be(8192);
        provider.Descriptor.Endpoint.Should().BeNull();
        provider.ServerStatus!.State.Should().Be(MlxServerState.Stopped);
    }

    [Fact]
    public void FromConfiguration_SameSection_HasTheSameFingerprint()
    {
        MlxProviderFactory factory = new();
        string? first = factory.FromConfiguration("a", Section(new() { ["Model"] = "x", ["ApiKey"] = "s3cret" })).Fingerprint;
        factory.FromConfiguration("a", Section(new() { ["Model"] = "x", ["ApiKey"] = "s3cret" })).Fingerprint.Should().Be(first);
        factory.FromConfiguration("a", Section(new() { ["Model"] = "y", ["ApiKey"] = "s3cret" })).Fingerprint.Should().NotBe(first).And.NotContain("s3cret");
    }

    [Fact]
    public void FromConfiguration_NotANumber_NamesTheKey()
    {
        ProviderRegistration registration = new MlxProviderFactory().FromConfiguration("a", Section(new() { ["MaxConcurrency"] = "many" }));
        registration.Errors.Single().Should().StartWith("MaxConcurrency cannot be read: ");
        registration.Invoking(r => r.Create(null!)).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void FromConfiguration_EveryError_IsListedWithItsKey()
    {
        IConfigurationSection section = Section(new()
        {
            ["BaseUrl"] = "ftp://x",
            ["Launch:Command"] = " ",
            ["Launch:PythonExecutable"] = "",
            ["Launch:Host"] = "",
            ["Launch:Port"] = "70000",
            ["Launch:HfEndpoint"] = "relative",
            ["Launch:ChatTemplateArguments"] = "[1]",
            ["Launch:MaxRestartDelay"] = "00:00:00.5",
            ["Launch:DraftTokens"] = "0",
            ["MaxConcurrency"] = "0",
            ["MaxOutputTokens"] = "0",
            ["IdleTimeout"] = "00:00:00",
            ["Model"] = "",
            ["ApiKey"] = "hush\n",
            ["Models:m:ContextWindow"] = "0",
            ["MatryoshkaModels:0"] = "m",
        });
        string[] keys = [.. new MlxProviderFactory().FromConfiguration("a", section).Errors.Select(e => e.Split(' ')[0])];
        keys.Should().BeEquivalentTo("BaseUrl", "BaseUrl", "MaxConcurrency", "MaxOutputTokens", "IdleTimeout", "Model", "ApiKey", "Models:m:ContextWindow", "MatryoshkaModels",
            "Launch:Command", "Launch:PythonExecutable", "Launch:Host", "Launch:HfEndpoint", "Launch:ChatTemplateArguments", "Launch:Port", "Launch:DraftTokens", "Launch:MaxRestartDelay");
    }

    [Fact]
    public void Options_MoreErrors_AreFound()
    {
        MlxProviderOptions options = new() { Launch = new MlxLaunchOptions { ChatTemplateArguments = "{" }, JsonSchema = (MlxSchemaMode)9, Models = { [" "] = new ModelOptions() } };
        MlxOptionsCheck.Errors(options).Should().HaveCount(4).And.Contain(e => e.StartsWith("Launch:Model is missing"));
        MlxOptionsCheck.Errors(new MlxProviderOptions { BaseUrl = new Uri("/relative", UriKind.Relative) }).Should().ContainSingle();
        Action create = () => _ = new MlxProvider("a", options);
        create.Should().Throw<ArgumentException>().WithMessage("*'a' has 4 wrong options*");
    }

    [Theory]
    [InlineData("MaxConcurrency", "1", "1024", "0", "1025")]
    [InlineData("MaxOutputTokens", "1", "1048576", "0", "1048577")]
    [InlineData("EmbeddingBatchSize", "1", "2048", "0", "2049")]
    [InlineData("EmbeddingBatchCharacters", "1", "10000000", "0", "10000001")]
    [InlineData("ConnectTimeout", "00:00:00.0100000", "00:05:00", "00:00:00.0090000", "00:05:00.0010000")]
    [InlineData("StartupWait", "00:00:00", "1.00:00:00", "-00:00:00.0010000", "1.00:00:00.0010000")]
    [InlineData("FirstByteTimeout", "00:00:00.0100000", "1.00:00:00", "00:00:00.0090000", "1.00:00:00.0010000")]
    [InlineData("IdleTimeout", "00:00:00.0100000", "1.00:00:00", "00:00:00.0090000", "1.00:00:00.0010000")]
    [InlineData("ProbeTimeout", "00:00:00.0100000", "00:10:00", "00:00:00.0090000", "00:10:00.0010000")]
    [InlineData("Launch:Port", "0", "65535", "-1", "65536")]
    [InlineData("Launch:DraftTokens", "1", "64", "0", "65")]
    [InlineData("Launch:DecodeConcurrency", "1", "1024", "0", "1025")]
    [InlineData("Launch:MaxRestarts", "0", "1000", "-1", "1001")]
    [InlineData("Launch:ListenTimeout", "00:00:00.1000000", "00:10:00", "00:00:00.0990000", "00:10:00.0010000")]
    [InlineData("Launch:LoadTimeout", "00:00:00.1000000", "1.00:00:00", "00:00:00.0990000", "1.00:00:00.0010000")]
    [InlineData("Launch:StopTimeout", "00:00:00.1000000", "00:01:00", "00:00:00.0990000", "00:01:00.0010000")]
    [InlineData("Launch:RestartDelay", "00:00:00.0010000", "00:10:00", "00:00:00.0009000", "00:10:00.0010000")]
    [InlineData("Launch:MaxRestartDelay", "00:00:01", "01:00:00", "00:00:00.9990000", "01:00:00.0010000")]
    [InlineData("Launch:RestartWindow", "00:00:01", "1.00:00:00", "00:00:00.9990000", "1.00:00:00.0010000")]
    [InlineData("Launch:HealthyReset", "00:00:01", "1.00:00:00", "00:00:00.9990000", "1.00:00:00.0010000")]
    public void Range_OfEverySetting_HoldsItsEndsAndNothingBeyond(string key, string least, string most, string below, string above)
    {
        Errors(least).Should().BeEmpty();
        Errors(most).Should().BeEmpty();
        Errors(below).Should().Equal($"{key} is {below}; it must be {least} to {most}.");
        Errors(above).Should().Equal($"{key} is {above}; it must be {least} to {most}.");

        IReadOnlyList<string> Errors(string value)
        {
            Dictionary<string, string?> values = new() { [key] = value };
            if (key.StartsWith("Launch:", StringComparison.Ordinal))
            {
                values["Launch:Model"] = "org/model";
                values.TryAdd("Launch:MaxRestartDelay", "01:00:00");
                values.TryAdd("Launch:RestartDelay", "00:00:01");
            }

            return new MlxProviderFactory().FromConfiguration("a", Section(values)).Errors;
        }
    }

    [Fact]
    public void AddMlx_RegistersByName()
    {
        Builder builder = new();
        builder.AddMlx().AddMlx("second", o => o.MaxConcurrency = -1);
        builder.Added.Select(r => r.Name).Should().Equal("mlx", "second");
        builder.Added[0].Errors.Should().BeEmpty();
        builder.Added[1].Errors.Should().ContainSingle().Which.Should().StartWith("MaxConcurrency is -1");
        builder.Added[1].Fingerprint.Should().BeNull();
    }

    [Theory]
    [InlineData(MlxSchemaMode.Prompted, true)]
    [InlineData(MlxSchemaMode.Refused, false)]
    public void LaunchedModel_CapabilitiesOfTheServer_AreKnown(MlxSchemaMode mode, bool schema)
    {
        ModelDescriptor model = MlxPlan.From("mlx", new MlxProviderOptions { Launch = new MlxLaunchOptions { Model = "org/m" }, JsonSchema = mode }).Models.Single();
        model.Id.Should().Be("org/m");
        model.Capabilities.Should().HaveFlag(ModelCapabilities.Chat).And.HaveFlag(ModelCapabilities.Tools).And.NotHaveFlag(ModelCapabilities.Vision);
        model.Capabilities.HasFlag(ModelCapabilities.JsonSchema).Should().Be(schema);
    }

    [Fact]
    public void DeclaredModel_WithoutCapabilities_ChatsButDoesNotEmbed()
    {
        MlxPlan plan = MlxPlan.From("mlx", new MlxProviderOptions { Models = { ["m"] = new ModelOptions { ContextWindow = 5 } } });
        plan.Chats.Should().BeTrue();
        plan.EmbeddingModels.Should().BeEmpty();
        plan.ContextWindow(null).Should().Be(5);
    }

    [Theory]
    [InlineData("http://host:81/v1", "http://host:81/")]
    [InlineData("http://host:81/v1/", "http://host:81/")]
    [InlineData("http://host/mlx", "http://host/mlx/")]
    [InlineData("http://user:pass@host/?key=1", "http://host/")]
    public void BaseUrl_AnySpelling_BecomesTheRootWithoutSecrets(string given, string root)
    {
        MlxPlan plan = MlxPlan.From("mlx", new MlxProviderOptions { BaseUrl = new Uri(given) });
        plan.BaseUrl.Should().Be(new Uri(root));
        plan.IsLocal.Should().BeFalse();
    }

    private static IConfigurationSection Section(Dictionary<string, string?> values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(static v => KeyValuePair.Create("Providers:a:" + v.Key, v.Value))).Build().GetSection("Providers:a");

    private sealed class Builder : ICompositeProviderBuilder
    {
        public List<ProviderRegistration> Added { get; } = [];

        public string Name => "";

        public IServiceCollection Services { get; } = new ServiceCollection();

        public ICompositeProviderBuilder AddProvider(ProviderRegistration registration)
        {
            Added.Add(registration);
            return this;
        }
    }
}
