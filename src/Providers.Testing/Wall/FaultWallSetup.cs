namespace Providers.Testing;

/// <summary>What a subject is to be built for. Immutable.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Needs">What to configure; times are scaled already where sockets are used.</param>
/// <param name="Targets">The targets, the preferred one first.</param>
/// <param name="Clock">The clock to run on: the virtual one in process, else the system's.</param>
public sealed record FaultWallSetup(FaultWallScenario Scenario, FaultWallNeeds Needs, IReadOnlyList<FaultWallTarget> Targets, TimeProvider Clock);
