using System.Collections.Concurrent;
using Microsoft.FeatureManagement;

namespace Providers.FeatureManagement;

/// <summary>
/// Answers from memory. A flag's answer is renewed by the request that finds it old; where the flag's source does not answer at once, the
/// old answer serves until it does, and the safe side while there is none. Safe for concurrent use.
/// </summary>
internal sealed class FeatureGate(
    IVariantFeatureManager manager, IFeatureDefinitionProvider definitions, FeatureGateOptions options, TimeProvider clock, FeatureGateTelemetry telemetry) : IRouteGate
{
    // Everything else may look at the user, at the request, or at dice.
    private static readonly string[] Steady = ["AlwaysOn", "On", "TimeWindow", "Microsoft.TimeWindow"];
    private readonly ConcurrentDictionary<string, FlagState> _flags = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _underWay = new(StringComparer.OrdinalIgnoreCase);

    public bool IsOpen(string gate)
    {
        ArgumentException.ThrowIfNullOrEmpty(gate);
        string flag = gate[0] == '!' ? gate[1..] : gate;
        if (!_flags.TryGetValue(flag, out FlagState? state) || state.Varies || clock.GetElapsedTime(state.AskedAt) >= options.RefreshInterval)
        {
            state = Ask(flag, gate, state);
        }

        return state is { IsUnknown: false, On: { } on } ? on == (gate[0] != '!') : OpenWhenUnknown(gate);
    }

    private FlagState? Ask(string flag, string gate, FlagState? before)
    {
        if (before is not { Varies: true } && !_underWay.TryAdd(flag, true))
        {
            return before; // somebody is asking
        }

        Task<FlagState> answer = ReadAsync(flag, gate, before);
        return answer.IsCompletedSuccessfully ? answer.Result : before is { Varies: true } ? null : before; // what another user was told is nobody else's answer
    }

    private async Task<FlagState> ReadAsync(string flag, string gate, FlagState? before)
    {
        FlagState state;
        try
        {
            FeatureDefinition? definition = await definitions.GetFeatureDefinitionAsync(flag).ConfigureAwait(false);
            if (definition is null)
            {
                state = new FlagState(null, clock.GetTimestamp(), IsUnknown: true, Varies: false);
                if (before is not { IsUnknown: true })
                {
                    telemetry.Unknown(flag, OpenWhenUnknown(gate));
                }
            }
            else
            {
                bool varies = definition.EnabledFor?.Any(static f => !Steady.Contains(f.Name, StringComparer.OrdinalIgnoreCase)) is true || AllocatesStates(definition);
                bool on = await manager.IsEnabledAsync(flag).ConfigureAwait(false);
                state = new FlagState(on, clock.GetTimestamp(), IsUnknown: false, varies);
            }
        }
        catch (Exception e)
        {
            state = new FlagState(before is { Varies: true } ? null : before?.On, clock.GetTimestamp(), IsUnknown: false, before?.Varies is true);
            telemetry.Failed(flag, state.On is { } on ? on == (gate[0] != '!') : OpenWhenUnknown(gate), e);
        }

        _flags[flag] = state;
        _underWay.TryRemove(flag, out _);
        return state;
    }

    /// <summary>Says whether who asks decides which variant is given, and the variant whether the flag is on.</summary>
    private static bool AllocatesStates(FeatureDefinition definition) =>
        definition.Allocation is { } given && (given.User?.Any() is true || given.Group?.Any() is true || given.Percentile?.Any() is true)
        && definition.Variants?.Any(static v => v.StatusOverride is not StatusOverride.None) is true;

    private bool OpenWhenUnknown(string gate) => options.OpenWhenUnknown.TryGetValue(gate, out bool open) && open;
}
