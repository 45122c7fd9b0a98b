using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Providers.Repository.Tests;

/// <summary>No store of memories skips the suite that says what a store promises.</summary>
public sealed class ConformanceTests
{
    [Fact]
    public void Stores_InSrc_AllDeriveTheSuite()
    {
        string[] stores = [.. Classes("src", "IMemoryStore").Where(static c => !IsWrapper(c)).Select(static c => c.Identifier.Text).Order(StringComparer.Ordinal)];
        stores.Should().Contain(["InMemoryStore", "PostgresMemoryStore", "SqliteMemoryStore"], "the test looks in the right place");
        ClassDeclarationSyntax[] suites = [.. Classes("tests", "StoreConformance")];
        suites.Where(static s => !s.Modifiers.Any(SyntaxKind.SealedKeyword) || !s.Modifiers.Any(SyntaxKind.PublicKeyword)).Should().BeEmpty("what derives the suite must run");
        string[] skipped = [.. stores.Where(store => !suites.Any(suite => Opens(suite, store)))];
        skipped.Should().BeEmpty("a class in tests must derive Providers.Conformance.StoreConformance and open the store");
    }

    /// <summary>A store over another one promises what that one does, and its own tests say what it changes.</summary>
    private static bool IsWrapper(ClassDeclarationSyntax store) =>
        (store.ParameterList?.Parameters ?? []).Concat(store.Members.OfType<ConstructorDeclarationSyntax>().SelectMany(static c => c.ParameterList.Parameters)).Any(static p => p.Type?.ToString() == "IMemoryStore");

    /// <summary>Whether what a suite opens, by itself or through a helper beside it, makes the store.</summary>
    private static bool Opens(ClassDeclarationSyntax suite, string store) => suite.DescendantNodes().OfType<IdentifierNameSyntax>().Any(i => i.Identifier.Text == store);

    private static IEnumerable<ClassDeclarationSyntax> Classes(string folder, string baseType) => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
        .Where(static f => !f.Split(Path.DirectorySeparatorChar).Any(static part => part is "obj" or "bin"))
        .SelectMany(static f => CSharpSyntaxTree.ParseText(File.ReadAllText(f)).GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>())
        .Where(c => !c.Modifiers.Any(SyntaxKind.AbstractKeyword) && c.BaseList?.Types.Any(t => t.Type.ToString().Split('.')[^1] == baseType) == true);
}
