using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Providers.Mlx;

/// <summary>Signals .NET's <see cref="Process"/> cannot send.</summary>
internal static partial class ProcessSignals
{
    private const int Terminate = 15;

    /// <summary>Asks a process to end; where there are no signals, or it is gone, does nothing.</summary>
    public static void SendTerminate(int processId)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Kill(processId, Terminate);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
