using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Providers.Memory.Tests.Folding;

/// <summary>A process with the other globalization mode than the tests': there the runtime asks ICU, and says what it knows.</summary>
internal static class OtherHost
{
    public const string Variable = "FOLDING_TEST_HOST";

    /// <summary>In the other process: writes what this test reads.</summary>
    public static void Report(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "mode"), Unicode.Normalizes ? "icu" : "invariant");
        File.WriteAllText(Path.Combine(folder, "words"), Digests());
        File.WriteAllText(Path.Combine(folder, "table"), Unicode.Normalizes ? Unicode.Table() : "");
        string[] others = Unicode.Normalizes ? [.. Samples().Where(static t => !Words.Of(t).SequenceEqual(Unicode.Words(t)))] : [];
        File.WriteAllLines(Path.Combine(folder, "others"), others.Select(static t => $"{string.Join(' ', t.EnumerateRunes().Select(static r => $"{r.Value:x4}"))}: {string.Join('|', Words.Of(t))} for {string.Join('|', Unicode.Words(t))}"));
    }

    /// <summary>A line for each 4,096 samples, so that a difference can be found.</summary>
    public static string Digests() => string.Join('\n', Samples().Chunk(4_096).Select(static some =>
        $"{Rune.GetRuneAt(some[0], 1).Value:x4} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', some.Select(static t => string.Join('|', Words.Of(t)))))))}"));

    /// <returns>The folder of the report; <see langword="null"/>: there is no ICU on this machine.</returns>
    public static async Task<string?> AskAsync(string folder)
    {
        string self = typeof(OtherHost).Assembly.Location, config = Path.Combine(folder, "with-icu.runtimeconfig.json");
        string mine = await File.ReadAllTextAsync(Path.ChangeExtension(self, ".runtimeconfig.json"));
        string switched = mine.Replace("\"System.Globalization.Invariant\": true", "\"System.Globalization.Invariant\": false", StringComparison.Ordinal);
        switched.Should().NotBe(mine, "the tests themselves run without ICU");
        await File.WriteAllTextAsync(config, switched);
        ProcessStartInfo start = new(Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")))
        {
            ArgumentList = { "exec", "--runtimeconfig", config, "--depsfile", Path.ChangeExtension(self, ".deps.json"), self },
            Environment = { [Variable] = folder },
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (errors.Contains("valid ICU package", StringComparison.Ordinal))
        {
            return null;
        }

        process.ExitCode.Should().Be(0, errors);
        return folder;
    }

    private static IEnumerable<string> Samples() => Unicode.Settled.Select(static r => $"x{r}y {r}").Concat(Unicode.Texts(20_000).Select(static t => "x" + t));
}
