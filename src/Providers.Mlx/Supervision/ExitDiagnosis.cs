namespace Providers.Mlx;

/// <summary>Why a process ended, from its exit code and its last lines.</summary>
internal sealed record ExitDiagnosis(FailureKind Kind, string Message, bool IsPermanent, bool IsPortClash)
{
    private static readonly string[] MissingModel = ["Repository Not Found", "RepositoryNotFoundError", "No such file", "LocalEntryNotFoundError", "GatedRepoError"];
    private static readonly string[] Memory = ["out of memory", "Insufficient Memory", "malloc", "Resource limit", "MemoryError"];
    private static readonly string[] BadInstall = ["ModuleNotFoundError", "ImportError", "unrecognized arguments", "invalid choice"];

    public static ExitDiagnosis Of(int exitCode, IReadOnlyList<string> output)
    {
        string what = exitCode switch
        {
            Bootstrap.ThreadDied => "its generation thread died",
            Bootstrap.ServerFailed => "the server failed",
            > 128 => $"signal {exitCode - 128}",
            _ => "it ended by itself",
        };
        string exit = $"Exit code {exitCode} ({what}).";
        string last = output.LastOrDefault(static l => !string.IsNullOrWhiteSpace(l)) is { } line ? $" Its last line: {line}" : "";
        if (Has(output, ["Address already in use"]))
        {
            return new(FailureKind.ConnectionLost, $"{exit} Its port is taken by another process: end that one, or set Launch:Port to 0.", false, true);
        }

        if (exitCode is Bootstrap.ThreadDied or Bootstrap.ServerFailed && Has(output, MissingModel))
        {
            return new(FailureKind.ModelMissing, $"{exit} The model cannot be found: check Launch:Model, and HfToken where the model asks for one.{last}", true, false);
        }

        if (exitCode is not 0 && Has(output, BadInstall))
        {
            return new(FailureKind.ConnectionLost, $"{exit} Its installation or its arguments are wrong; see its output.{last}", true, false);
        }

        return Has(output, Memory)
            ? new(FailureKind.Overloaded, $"{exit} It ran out of memory: choose a smaller model or quantisation.{last}", false, false)
            : new(FailureKind.ConnectionLost, exit + last, false, false);
    }

    private static bool Has(IReadOnlyList<string> output, string[] words) =>
        output.Any(line => words.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase)));
}
