using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Providers.Mlx;

/// <summary>What a live process was started with, as the system tells it.</summary>
internal static class CommandLine
{
    public static string? Of(int processId)
    {
        try
        {
            string command = OperatingSystem.IsLinux() ? FromProc(processId) : FromPs(processId);
            return command.Length is 0 ? null : command;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception or InvalidOperationException)
        {
            return null;
        }
    }

    // For a moment after a process was started its command line reads empty.
    private static string FromProc(int processId)
    {
        string path = $"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/cmdline";
        string command = File.ReadAllText(path);
        for (int i = 0; i < 1000 && command.Length is 0; i++)
        {
            Thread.Yield();
            command = File.ReadAllText(path);
        }

        return command;
    }

    private static string FromPs(int processId)
    {
        ProcessStartInfo info = new("ps", ["-ww", "-o", "command=", "-p", processId.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true };
        using Process ps = Process.Start(info)!;
        string command = ps.StandardOutput.ReadToEnd();
        ps.WaitForExit();
        return command.Trim();
    }
}
