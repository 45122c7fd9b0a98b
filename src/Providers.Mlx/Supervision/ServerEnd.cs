namespace Providers.Mlx;

/// <summary>How one run of the process ended.</summary>
internal sealed record ServerEnd(ExitDiagnosis Why, int? ExitCode, IReadOnlyList<string> Output, TimeSpan ReadyFor)
{
    public static ServerEnd Of(FailureKind kind, string message, OutputTail? output = null, TimeSpan readyFor = default, bool permanent = false) =>
        new(new ExitDiagnosis(kind, message, permanent, false), null, output?.Snapshot() ?? [], readyFor);

    public static ServerEnd OfExit(int exitCode, OutputTail output, TimeSpan readyFor)
    {
        IReadOnlyList<string> lines = output.Snapshot();
        return new(ExitDiagnosis.Of(exitCode, lines), exitCode, lines, readyFor);
    }

    public MlxServerException ToException(string provider, string more) =>
        new($"MLX server '{provider}' is not running. {Why.Message} {more}", Why.Kind, ExitCode, Output);
}
