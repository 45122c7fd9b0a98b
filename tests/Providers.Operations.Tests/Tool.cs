using System.Diagnostics;

namespace Providers.Operations.Tests;

/// <summary>Programs of the operating system that some tests need; where one is missing they are skipped by name.</summary>
internal static class Tool
{
    public static void Need(string name)
    {
        if (Find(name) is null)
        {
            Assert.Skip($"{name} is not installed; eng/test installs it.");
        }
    }

    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(p => Path.Combine(p, name)).FirstOrDefault(File.Exists);

    public static Process Start(string name, params string[] arguments) => Process.Start(new ProcessStartInfo(Find(name)!, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    /// <returns>The exit code, and everything it wrote.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string name, params string[] arguments)
    {
        using Process process = Start(name, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
