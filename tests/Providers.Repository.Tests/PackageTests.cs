using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Providers.Repository.Tests;

/// <summary>What a stranger gets: each package says how it is installed and shows a program; one of them is packed, installed and run here, all of them by eng/consume.</summary>
public sealed partial class PackageTests
{
    public static TheoryData<string> Packages => [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(static d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Package_OfSrc_SaysWhatItIsAndHowItIsUsed(string package)
    {
        XDocument project = XDocument.Load(Path.Combine(Repository.Root, "src", package, package + ".csproj"));
        project.Descendants("Description").Single().Value.Should().NotBeNullOrWhiteSpace();
        project.Descendants("PackageTags").Single().Value.Split(';').Length.Should().BeGreaterThan(2);
        string[] blocks = [.. Block().Matches(Repository.Read($"src/{package}/README.md")).Select(static m => m.Groups[1].Value)];
        blocks[0].Should().Be("bash");
        string installs = Block().Match(Repository.Read($"src/{package}/README.md")).Groups[2].Value;
        installs.Should().StartWith(project.Descendants("PackAsTool").Any() ? $"dotnet tool install --global {package}\n" : $"dotnet add package {package}\n");
        blocks[1..].Should().Equal(project.Descendants("PackAsTool").Any() ? ["bash", "text"] : ["csharp", "text"], "eng/consume runs the program and compares what it prints");
    }

    [Fact]
    public async Task Package_InstalledAlone_RunsTheProgramOfItsReadme()
    {
        Assert.SkipUnless(File.Exists("/bin/bash") && File.Exists("/usr/bin/unzip"), "bash or unzip is missing");
        string feed = Directory.CreateTempSubdirectory("providers-feed-").FullName;
        try
        {
            await RunAsync("eng/pack", "--no-build", "--output", feed, "Providers.Abstractions", "Providers.Http", "Providers.Ollama");
            string said = await RunAsync("eng/consume", "--feed", feed, "Providers.Ollama");
            said.Should().Contain("eng/consume: PASSED, 1 packages");
        }
        finally
        {
            Directory.Delete(feed, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string script, params string[] arguments)
    {
        ProcessStartInfo start = new("/bin/bash", [Path.Combine(Repository.Root, script), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // a build server left behind would hold our output open
        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(8));
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            process.ExitCode.Should().Be(0, "{0} said: {1} {2}", script, await output, await errors);
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    [GeneratedRegex(@"^```(\w*)\r?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
