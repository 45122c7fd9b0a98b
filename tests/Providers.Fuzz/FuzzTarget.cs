using System.Text;

namespace Providers.Fuzz;

/// <summary>A reader of input that nobody vouches for. It may refuse; it may not crash, hang, or let through what breaks its promise.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Gets the name, as eng/fuzz takes it.</summary>
    public abstract string Name { get; }

    /// <summary>Gets inputs that are right, from which the others are made.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Gets words the format knows.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Reads one input.</summary>
    /// <param name="input">Anything.</param>
    /// <returns>Whether it was accepted; a refusal of the kind the reader promises is no error. Everything else throws.</returns>
    public abstract Task<bool> ReadAsync(byte[] input);

    protected static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
