using System.Globalization;

namespace Providers.Memory.Sqlite.Tests;

internal static class Program
{
    /// <summary>The runner's own way in, or a child that will be killed, or that may not write on.</summary>
    public static Task<int> Main(string[] args)
    {
        if (Environment.GetEnvironmentVariable("MEMORY_KILL_CHILD") is { } path)
        {
            KillChild.Run(path, int.Parse(Environment.GetEnvironmentVariable("MEMORY_KILL_FROM")!, CultureInfo.InvariantCulture));
        }

        if (Environment.GetEnvironmentVariable("MEMORY_LIMIT_CHILD") is { } limited)
        {
            return LimitChild.RunAsync(limited);
        }

        return Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
