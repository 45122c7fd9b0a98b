using System.Xml.Linq;

namespace Providers.Repository.Tests;

/// <summary>Who may refer to whom: the project files against the table of the design.</summary>
public sealed class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Providers.Abstractions"] = [],
        ["Providers"] = ["Providers.Abstractions"],
        ["Providers.Http"] = ["Providers.Abstractions"],
        ["Providers.Ollama"] = ["Providers.Http"],
        ["Providers.OpenAI"] = ["Providers.Http"],
        ["Providers.Mlx"] = ["Providers.Abstractions"],
        ["Providers.FeatureManagement"] = ["Providers.Abstractions"],
        ["Providers.OpenTelemetry"] = ["Providers.Abstractions"],
        ["Providers.Testing"] = ["Providers.Abstractions"],
        ["Providers.Vectors"] = [],
        ["Providers.VectorData"] = ["Providers.Vectors"],
        ["Providers.Memory"] = ["Providers.Abstractions", "Providers.Vectors"],
        ["Providers.Memory.Sqlite"] = ["Providers.Memory"],
        ["Providers.Mcp"] = ["Providers.Abstractions"],
        ["Providers.Mcp.AspNetCore"] = ["Providers.Mcp"],
        ["Providers.AspNetCore"] = ["Providers.Abstractions"],
        ["Providers.Orchestration"] = ["Providers.Abstractions"],
        ["Providers.Orchestration.Orleans"] = ["Providers.Orchestration"],
        ["Providers.Memory.Postgres"] = ["Providers.Memory"],
        ["Providers.Memory.VectorData"] = ["Providers.Memory"],
        ["Providers.Cli"] = ["Providers.Memory.Postgres", "Providers.Memory.Sqlite"],
    };

    [Fact]
    public void Projects_InSrc_ReferToWhatTheDesignSays()
    {
        Dictionary<string, string[]> actual = Directory.GetDirectories(Path.Combine(Repository.Root, "src")).ToDictionary(
            static d => Path.GetFileName(d),
            static d => XDocument.Load(Path.Combine(d, Path.GetFileName(d) + ".csproj")).Descendants("ProjectReference")
                .Select(static r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value)).Order(StringComparer.Ordinal).ToArray(),
            StringComparer.Ordinal);
        actual.Should().BeEquivalentTo(Allowed);
    }

    [Fact]
    public void Files_InSrc_AreShort()
    {
        string[] tooLong = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(static f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !f.Contains("Kernels", StringComparison.Ordinal))
            .Where(static f => File.ReadLines(f).Count() > 400)];
        tooLong.Should().BeEmpty("no file but a kernel is over 400 lines");
    }
}
