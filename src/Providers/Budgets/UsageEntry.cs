namespace Providers;

/// <summary>An amount spent from one budget in one window. Immutable.</summary>
/// <param name="Budget">The budget's name.</param>
/// <param name="Tenant">The tenant; empty where the budget is everybody's, or nobody was named.</param>
/// <param name="Window">When the window began.</param>
/// <param name="Tokens">Tokens, prompt and answer together.</param>
/// <param name="Cost">Money, in the currency of the models' prices.</param>
public sealed record UsageEntry(string Budget, string Tenant, DateTimeOffset Window, long Tokens, decimal Cost);
