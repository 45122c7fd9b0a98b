namespace Providers.Testing.Faults;

/// <summary>What the first requests meet, one each, and what every later one meets.</summary>
internal sealed record FaultSequence(IReadOnlyList<Fault> First, Fault Then)
{
    public static FaultSequence Once(Fault fault) => new([fault], Fault.None);

    public static FaultSequence Forever(Fault fault) => new([], fault);

    public Fault At(int request) => request < First.Count ? First[request] : Then;

    public FaultSequence Scaled(double factor) => new([.. First.Select(f => f.Scaled(factor))], Then.Scaled(factor));

    public void ApplyTo(FaultScript script)
    {
        script.Enqueue(First);
        script.Always(Then);
    }
}
