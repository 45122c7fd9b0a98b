using System.Text.Json.Serialization;

namespace Providers.AspNetCore.Health;

/// <summary>Whether the host is well; the parts are shown to operators alone.</summary>
/// <param name="Status">live, started, ready, degraded, or not_ready.</param>
internal sealed record HealthView(string Status)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<HealthPartView>? Parts { get; init; }
}

/// <param name="Name">What.</param>
/// <param name="Status">ok, degraded or failed.</param>
internal sealed record HealthPartView(string Name, string Status)
{
    public string? Detail { get; init; }
}
