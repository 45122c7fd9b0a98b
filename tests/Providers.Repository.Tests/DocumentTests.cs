using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Providers.Repository.Tests;

/// <summary>What the documents show compiles, and what they refer to is there.</summary>
public sealed partial class DocumentTests
{
    private const string ImplicitUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    private static readonly Lazy<MetadataReference[]> References = new(static () =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static f => !Path.GetFileName(f).StartsWith("Providers.Repository", StringComparison.Ordinal)).Select(static f => MetadataReference.CreateFromFile(f))]);

    public static TheoryData<string, int> Blocks
    {
        get
        {
            TheoryData<string, int> blocks = [];
            foreach (string file in Documents())
            {
                foreach (Match block in CSharpBlock().Matches(Repository.Read(file)))
                {
                    blocks.Add(file, LineOf(file, block.Index));
                }
            }

            return blocks;
        }
    }

    [Fact]
    public void Readme_HasItsTwoCommandsFirst()
    {
        string first = Repository.Read("README.md").Split("```")[1];
        first.Should().Contain("dotnet run --project samples/Quickstart").And.Contain("./eng/test");
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Block_OfADocument_Compiles(string file, int line)
    {
        string text = Repository.Read(file);
        string code = CSharpBlock().Matches(text).Single(m => LineOf(file, m.Index) == line).Groups[1].Value;
        CSharpParseOptions parse = new(LanguageVersion.CSharp14);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Block",
            [CSharpSyntaxTree.ParseText(code, parse, cancellationToken: TestContext.Current.CancellationToken), CSharpSyntaxTree.ParseText(ImplicitUsings, parse, cancellationToken: TestContext.Current.CancellationToken)],
            References.Value,
            new CSharpCompilationOptions(IsProgram(code, parse) ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(static d => d.Severity is DiagnosticSeverity.Error)
            .Select(d => $"{file}:{line + d.Location.GetLineSpan().StartLinePosition.Line + 1}: {d.GetMessage()}").Should().BeEmpty();
    }

    [Fact]
    public void Links_BetweenFiles_LeadSomewhere()
    {
        List<string> broken = [];
        foreach (string file in Documents())
        {
            foreach (Match link in Link().Matches(Repository.Read(file)))
            {
                string target = link.Groups[1].Value.Split('#')[0];
                string path = Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, target);
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !Path.Exists(path))
                {
                    broken.Add($"{file}: {target}");
                }
            }
        }

        broken.Should().BeEmpty();
    }

    /// <summary>A table that says which test shows what must not outlive the test.</summary>
    [Theory]
    [InlineData("docs/lessons.md")]
    [InlineData("docs/failure-shapes.md")]
    [InlineData("docs/proof.md")]
    public void Tests_NamedInATable_Exist(string file)
    {
        string tests = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        string[] named = [.. TestName().Matches(Repository.Read(file)).Select(static m => m.Value).Distinct()];
        named.Should().NotBeEmpty();
        named.Where(name => !tests.Contains($" {name.Split('.')[^1]}(", StringComparison.Ordinal) || !tests.Contains($"class {name.Split('.')[0]}", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public void Proof_NamesEveryGateAndOnlyCommandsThatAreThere()
    {
        string proof = Repository.Read("docs/proof.md");
        Gate().Matches(proof).Select(static m => int.Parse(m.Groups[1].Value)).Should().Equal(Enumerable.Range(1, 20), "each gate has its row");
        string[] commands = [.. Command().Matches(proof + Repository.Read("CONTRIBUTING.md") + Repository.Read("README.md")).Select(static m => m.Groups[1].Value).Distinct()];
        commands.Should().HaveCountGreaterThan(12);
        commands.Where(static c => !File.Exists(Path.Combine(Repository.Root, c))).Should().BeEmpty();
        proof.Should().NotContain("@", "every figure is filled in");
    }

    [Fact]
    public void FailureShapes_EveryRow_IsInTheTableOnce()
    {
        string table = Repository.Read("docs/failure-shapes.md").Split("## What a signal means")[0];
        RowNumbers().Matches(table).SelectMany(static m => m.Groups[1].Value.Split(", ")).Select(int.Parse).Order()
            .Should().Equal(Enumerable.Range(1, 49), "real servers were seen to fail in 49 ways");
    }

    private static bool IsProgram(string code, CSharpParseOptions parse) =>
        CSharpSyntaxTree.ParseText(code, parse).GetRoot().DescendantNodes().Any(static n => n.IsKind(SyntaxKind.GlobalStatement));

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Repository.Root, "*.md", SearchOption.AllDirectories)
            .Select(static f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/'))
            .Where(static f => f == "README.md" || f == "CONTRIBUTING.md" || f.StartsWith("docs/", StringComparison.Ordinal)
                || ((f.StartsWith("src/", StringComparison.Ordinal) || f.StartsWith("samples/", StringComparison.Ordinal)) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal);

    private static int LineOf(string file, int index) => Repository.Read(file).AsSpan(0, index).Count('\n') + 1;

    [GeneratedRegex(@"^```csharp\r?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"^\| (\d+(?:, \d+)*) \|", RegexOptions.Multiline)]
    private static partial Regex RowNumbers();

    [GeneratedRegex(@"^\| G(\d+) ", RegexOptions.Multiline)]
    private static partial Regex Gate();

    [GeneratedRegex(@"`(?:\./)?(eng/[\w-]+(?:\.\w+)?)")]
    private static partial Regex Command();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\b[A-Z]\w*Tests\.[A-Z]\w*_\w+")]
    private static partial Regex TestName();
}
