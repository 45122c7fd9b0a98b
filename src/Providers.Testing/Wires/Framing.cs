namespace Providers.Testing.Wires;

/// <summary>How a body's end is told.</summary>
internal enum Framing
{
    Chunked,
    Length,
    Close,
    None,
}
