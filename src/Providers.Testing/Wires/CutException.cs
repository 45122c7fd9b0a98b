namespace Providers.Testing.Wires;

/// <summary>The connection is closed here, whatever was under way: the fault asked for it.</summary>
internal sealed class CutException(bool reset) : Exception
{
    public bool Reset { get; } = reset;
}
