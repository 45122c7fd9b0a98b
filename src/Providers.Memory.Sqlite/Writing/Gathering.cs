using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Providers.Memory.Sqlite;

/// <summary>
/// Lets those who were acknowledged together come back before the next commit: they write again at once, and each would otherwise find the group that the
/// first of them began already on its way to the disk. Waits only while a group is smaller than the last one, and never longer than a fraction of what a commit takes.
/// </summary>
internal sealed class Gathering(ChannelReader<WriteJob> queue)
{
    private static readonly TimeSpan s_most = TimeSpan.FromMilliseconds(1);
    private int _expected = 1;
    private TimeSpan _patience;

    /// <summary>Remembers what a group was like.</summary>
    public void Committed(int jobs, TimeSpan took)
    {
        _expected = jobs;
        _patience = took / 2 < s_most ? took / 2 : s_most;
    }

    /// <summary>Takes the next job of a group.</summary>
    /// <param name="taken">How many it has.</param>
    /// <param name="job">The job; <see langword="null"/>: nobody came.</param>
    public bool TryTake(int taken, [NotNullWhen(true)] out WriteJob? job)
    {
        if (queue.TryRead(out job))
        {
            return true;
        }

        long began = TimeProvider.System.GetTimestamp();
        SpinWait spin = default;
        while (taken < _expected && TimeProvider.System.GetElapsedTime(began) < _patience)
        {
            spin.SpinOnce(sleep1Threshold: -1); // yields: on a small machine those waited for need this processor
            if (queue.TryRead(out job))
            {
                return true;
            }
        }

        return false;
    }
}
