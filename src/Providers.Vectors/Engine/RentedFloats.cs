using System.Buffers;

namespace Providers.Vectors;

/// <summary>A pooled array for the length of a call.</summary>
internal readonly ref struct RentedFloats(int length) : IDisposable
{
    private readonly float[] _array = ArrayPool<float>.Shared.Rent(length);

    public Span<float> Span => _array.AsSpan(0, length);

    public void Dispose() => ArrayPool<float>.Shared.Return(_array);
}
