using System.Diagnostics;

namespace Providers.AspNetCore.Tests.Support;

/// <summary>Runs scripts with node and the packages that eng/test installed.</summary>
internal static class Node
{
    public static string Root { get; } = FindRoot();

    private static string Modules => Path.Combine(Root, "artifacts", "npm", "node_modules");

    /// <summary>Skips the test, by name, where node or the package is missing.</summary>
    public static void Need(string package) => Assert.SkipUnless(
        Directory.Exists(Path.Combine(Modules, package)) && OnPath("node"), $"node or the npm package '{package}' is missing; eng/test installs them");

    public static string? Chromium() => new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    /// <returns>What the script printed.</returns>
    public static async Task<string> RunAsync(string script, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new("node", [Path.Combine(AppContext.BaseDirectory, "Npm", script), Modules, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        using CancellationTokenSource late = new(TimeSpan.FromMinutes(3));
        Task<string> output = process.StandardOutput.ReadToEndAsync(late.Token), errors = process.StandardError.ReadToEndAsync(late.Token);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        process.ExitCode.Should().Be(0, await errors);
        return await output;
    }

    private static bool OnPath(string command) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, command)));

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Providers.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests run from within the repository.");
    }
}
