namespace Providers.OpenTelemetry;

/// <summary>The names under which the suite's packages publish: <c>Providers</c>, and <c>Providers.</c> with a package's name.</summary>
internal static class Instrumentation
{
    public static string[] Names => ["Providers", "Providers.*"];
}
