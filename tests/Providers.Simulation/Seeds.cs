using System.Globalization;

namespace Providers.Simulation;

/// <summary>The seeds of a run: SIM_SEED replays one, SIM_SEEDS says how many; 200 otherwise.</summary>
internal static class Seeds
{
    public static IReadOnlyList<int> All { get; } = Read();

    private static int[] Read()
    {
        if (Environment.GetEnvironmentVariable("SIM_SEED") is { Length: > 0 } one)
        {
            return [int.Parse(one, CultureInfo.InvariantCulture)];
        }

        int count = Environment.GetEnvironmentVariable("SIM_SEEDS") is { Length: > 0 } many ? int.Parse(many, CultureInfo.InvariantCulture) : 200;
        return [.. Enumerable.Range(0, count)];
    }
}
