namespace Providers.VectorData.Tests;

/// <summary>No suite is left out, in memory or in a folder.</summary>
public sealed class SuiteTests
{
    [Theory]
    [InlineData("Memory")]
    [InlineData("Folder")]
    public void Suites_AreAllDerived(string host)
    {
        Type[] suites = [.. typeof(VectorStoreConformance).Assembly.GetExportedTypes().Where(static t => t.BaseType == typeof(VectorStoreConformance))];
        suites.Should().HaveCountGreaterThan(5);
        Type[] derived = [.. typeof(SuiteTests).Assembly.GetExportedTypes().Where(t => t.Name.StartsWith(host, StringComparison.Ordinal)).Select(static t => t.BaseType!)];
        derived.Should().Contain(suites);
    }
}
