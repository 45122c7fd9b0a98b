namespace Providers.Testing;

/// <summary>Something that is to be scored: a failover client, or a bare one for comparison.</summary>
public interface IFaultWallSubject
{
    /// <summary>Gets the name in the scorecard.</summary>
    string Name { get; }

    /// <summary>Builds the client of one scenario, over its targets, with its needs mapped to the subject's own options.</summary>
    /// <param name="setup">Targets, needs and clock.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <returns>The clients; the wall disposes them.</returns>
    ValueTask<FaultWallClient> BuildAsync(FaultWallSetup setup, CancellationToken cancellationToken);
}
