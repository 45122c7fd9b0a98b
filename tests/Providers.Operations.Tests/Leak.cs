using System.Diagnostics;

namespace Providers.Operations.Tests;

/// <summary>Memory that nobody gives back, written to so that it is really held.</summary>
internal sealed class Leak
{
    private readonly List<byte[]> _blocks = [];
    private readonly long _started = Stopwatch.GetTimestamp();

    public TimeSpan Age => Stopwatch.GetElapsedTime(_started);

    public int Megabytes => _blocks.Count;

    public void GrowTo(int megabytes)
    {
        while (_blocks.Count < megabytes)
        {
            byte[] block = GC.AllocateUninitializedArray<byte>(1 << 20);
            block.AsSpan().Fill(1);
            _blocks.Add(block);
        }
    }
}
