using System.Globalization;

namespace Providers.Orchestration.Tests;

internal static class Program
{
    /// <summary>The runner's own way in, or the child that will be killed.</summary>
    public static async Task<int> Main(string[] args)
    {
        if (Environment.GetEnvironmentVariable("WORKFLOW_KILL_CHILD") is { } folder)
        {
            await KillChild.RunAsync(folder, int.Parse(Environment.GetEnvironmentVariable("WORKFLOW_KILL_ROUND")!, CultureInfo.InvariantCulture));
        }

        return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
