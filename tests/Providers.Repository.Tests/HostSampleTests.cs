using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Repository.Tests;

/// <summary>The sample host's configuration: it loads, routes the seven models, and shows every knob of the router.</summary>
public sealed class HostSampleTests
{
    private static readonly string Settings = Path.Combine(AppContext.BaseDirectory, "host.appsettings.json");

    [Fact]
    public async Task Settings_OfTheHost_LoadWithoutAnError()
    {
        ServiceCollection services = new();
        services.AddHybridCache();
        services.AddCompositeProvider(new ConfigurationBuilder().AddJsonFile(Settings).Build().GetSection("Providers"));
        await using ServiceProvider provider = services.BuildServiceProvider();
        IProviderCatalog catalog = provider.GetRequiredService<IProviderCatalog>();
        catalog.GetProviders().Select(static p => p.Descriptor.Name).Should().Equal("mlx", "ollama", "openai");
        catalog.GetRoutes().Single(static r => r.IsDefault).Targets.Select(static t => t.Provider).Should().Equal("mlx", "ollama", "openai");
        catalog.GetRoutes().Single(static r => r.Name == "smollm-135m").Targets.Should().HaveCount(5, "its fallbacks follow its own target");
    }

    [Theory]
    [InlineData(typeof(CompositeOptions))]
    [InlineData(typeof(TimeoutOptions))]
    [InlineData(typeof(RetryOptions))]
    [InlineData(typeof(CircuitOptions))]
    [InlineData(typeof(HealthOptions))]
    [InlineData(typeof(StreamOptions))]
    [InlineData(typeof(EmbeddingOptions))]
    [InlineData(typeof(EmbeddingCacheOptions))]
    [InlineData(typeof(HedgingOptions))]
    [InlineData(typeof(FailureRule))]
    [InlineData(typeof(ProviderOptions))]
    [InlineData(typeof(RouteOptions))]
    [InlineData(typeof(TargetOptions))]
    [InlineData(typeof(CanaryOptions))]
    [InlineData(typeof(BudgetOptions))]
    [InlineData(typeof(DrainOptions))]
    public void Settings_OfTheHost_NameEveryKnob(Type options)
    {
        HashSet<string> names = [];
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Settings));
        Collect(document.RootElement, names);
        string[] missing = [.. options.GetProperties()
            .Where(static p => !typeof(Delegate).IsAssignableFrom(p.PropertyType)) // set in code only
            .Select(static p => p.Name).Where(n => !names.Contains(n))];
        missing.Should().BeEmpty();
    }

    private static void Collect(JsonElement element, HashSet<string> names)
    {
        if (element.ValueKind is JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                names.Add(property.Name);
                Collect(property.Value, names);
            }
        }
        else if (element.ValueKind is JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                Collect(item, names);
            }
        }
    }
}
