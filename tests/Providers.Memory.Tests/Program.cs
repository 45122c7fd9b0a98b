using Providers.Memory.Tests.Folding;

namespace Providers.Memory.Tests;

internal static class Program
{
    /// <summary>The runner's own way in, or a host of the other kind that says how it folds.</summary>
    public static async Task<int> Main(string[] args)
    {
        if (Environment.GetEnvironmentVariable(OtherHost.Variable) is not { Length: > 0 } folder)
        {
            return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
        }

        OtherHost.Report(folder);
        return 0;
    }
}
