using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Providers.Mcp.Tests.Peers;

/// <summary>The programs from npm that judge us: <c>eng/test</c> puts them under artifacts/npm.</summary>
internal static class Npm
{
    public static string Root { get; } = Environment.GetEnvironmentVariable("MCP_NPM") is { Length: > 0 } path ? path : Path.Combine(Repository(), "artifacts", "npm");

    private static string Node => Path.Combine(Root, "node_modules", "node", "bin", "node");

    public static string Module(string path) => Path.Combine(Root, "node_modules", path);

    public static void SkipWithout(string module) =>
        Assert.SkipUnless(File.Exists(Node) && File.Exists(Module(module)), $"{module} and node 22 are not installed under {Root}; eng/test installs them.");

    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new(Node) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Root };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["MCP_NPM"] = Root;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        return (process.ExitCode, await output + await errors);
    }

    private static string Repository([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
