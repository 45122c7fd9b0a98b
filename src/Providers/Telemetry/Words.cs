namespace Providers.Telemetry;

/// <summary>The label values of metrics and spans: snake case, allocated once.</summary>
internal static class Words
{
    private static readonly string[] Kinds = [.. Enum.GetValues<FailureKind>().Select(static k => Snake(k.ToString()))];
    private static readonly string[] States = [.. Enum.GetValues<CircuitState>().Select(static s => Snake(s.ToString()))];

    public static string Of(FailureKind kind) => Kinds[(int)kind];

    public static string Of(CircuitState state) => States[(int)state];

    private static string Snake(string name) =>
        string.Concat(name.Select(static (c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
