using Microsoft.Extensions.Configuration;

namespace Providers.Tests.Support;

/// <summary>Makes fakes from configuration, as an adapter package would.</summary>
internal sealed class FakeFactory : IProviderFactory
{
    public List<FakeProvider> Made { get; } = [];

    public string Kind => "Fake";

    public ProviderRegistration FromConfiguration(string name, IConfigurationSection section) => section["Throws"] is "reading"
        ? throw new FormatException("Throws is 'reading'.")
        : new(name, Kind, _ => section["Throws"] is "making" ? throw new ArgumentException("Throws is 'making'.") : Make(name))
        {
            Errors = section["Broken"] is "true" or "True" ? ["Broken is true; it must be false."] : [],
            Fingerprint = string.Join(";", section.AsEnumerable().OrderBy(static p => p.Key, StringComparer.Ordinal)),
        };

    public ProviderRegistration? FromEnvironment(Func<string, string?> environment) => new("environment", Kind, _ => Make("environment"));

    private FakeProvider Make(string name)
    {
        FakeProvider provider = new(name)
        {
            Descriptor = new ProviderDescriptor(name, Kind) { Models = name == "environment" ? [] : [new ModelDescriptor("declared") { Capabilities = ModelCapabilities.Chat }] },
        };
        Made.Add(provider);
        return provider;
    }
}
