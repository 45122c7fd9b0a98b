namespace Providers.Circuits;

/// <summary>How a circuit let an attempt through. What it is must be given back with the attempt's outcome.</summary>
internal enum Admission
{
    /// <summary>Not let through.</summary>
    Refused = 0,

    /// <summary>Ordinary traffic.</summary>
    Traffic,

    /// <summary>The one probe that decides whether the circuit closes.</summary>
    Probe,
}
