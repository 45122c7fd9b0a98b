using Providers.Testing.Wall;

namespace Providers.Testing;

/// <summary>
/// Thirty ways a model server fails, and a judge with two views: what the caller got and what the wire saw. A subject is anything that
/// makes an <see cref="Microsoft.Extensions.AI.IChatClient"/> over several targets.
/// </summary>
public static class FaultWall
{
    /// <summary>Gets the scenarios S01 to S30.</summary>
    public static IReadOnlyList<FaultWallScenario> Scenarios => WallTable.All;

    /// <summary>Runs scenarios over a subject, one after the other.</summary>
    /// <param name="subject">What is scored.</param>
    /// <param name="options">Virtual time or sockets, and which scenarios.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <returns>The scorecard.</returns>
    /// <exception cref="ArgumentException">The run is in process and has no clock, or names a scenario that is not.</exception>
    public static async Task<FaultWallScorecard> RunAsync(IFaultWallSubject subject, FaultWallOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Wire is FaultWallWire.InProcess && options.Clock is null)
        {
            throw new ArgumentException("A run in process needs FaultWallOptions.Clock: virtual time is what makes it last milliseconds.", nameof(options));
        }

        if (options.Only.FirstOrDefault(static id => Scenarios.All(s => s.Id != id)) is { } unknown)
        {
            throw new ArgumentException($"There is no scenario '{unknown}'; they are S01 to S30.", nameof(options));
        }

        List<FaultWallResult> results = [];
        foreach (FaultWallScenario scenario in Scenarios.Where(s => options.Only is [] || options.Only.Contains(s.Id)))
        {
            IVirtualClock? clock = options.Wire is FaultWallWire.InProcess ? options.Clock!() : null;
            results.Add(await new WallRunner(scenario, options, clock).RunAsync(subject, cancellationToken).ConfigureAwait(false));
        }

        return new FaultWallScorecard(subject.Name, options.Wire, results);
    }
}
