using System.Globalization;
using Providers.Testing.Faults;

namespace Providers.Testing;

/// <summary>Faults by chance, the same for the same seed: request <c>n</c> always meets the same one. Immutable, safe for concurrent use.</summary>
public sealed class FaultPlan
{
    private readonly Fault[] _faults;

    /// <summary>Creates a plan.</summary>
    /// <param name="seed">The seed; print the plan when a test fails, and replay it with this number.</param>
    /// <param name="probability">The share of requests that meet a fault, 0 to 1.</param>
    /// <param name="faults">The faults to choose from, each as likely as the next; at least one.</param>
    /// <exception cref="ArgumentException"><paramref name="faults"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="probability"/> is not 0 to 1.</exception>
    public FaultPlan(int seed, double probability, params IEnumerable<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        if (!(probability is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability is 0 to 1.");
        }

        _faults = [.. faults];
        if (_faults is [])
        {
            throw new ArgumentException("A plan needs at least one fault to choose from.", nameof(faults));
        }

        Seed = seed;
        Probability = probability;
    }

    /// <summary>Gets the seed.</summary>
    public int Seed { get; }

    /// <summary>Gets the share of requests that meet a fault, 0 to 1.</summary>
    public double Probability { get; }

    /// <summary>Says which fault a request meets.</summary>
    /// <param name="request">The request's number, from 0.</param>
    /// <returns>The fault; <see cref="Fault.None"/> for most requests, depending on <see cref="Probability"/>.</returns>
    public Fault At(int request)
    {
        SplitMix random = new(((ulong)(uint)Seed << 32) | (uint)request);
        return random.NextDouble() < Probability ? _faults[random.Next(_faults.Length)] : Fault.None;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"FaultPlan(seed {Seed}, {Probability:P0} of requests: {string.Join(", ", _faults.AsEnumerable())})");
}
