using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Providers.Mlx.Tests;

/// <summary>This test program again, as a host of its own that a test may kill: with MLX_TEST_HOST set it launches a server and waits.</summary>
internal static class ChildHost
{
    private const string Switch = "MLX_TEST_HOST";

    public static Process Start(StubServer stub, string? command = null)
    {
        ProcessStartInfo info = new("dotnet", ["exec", typeof(ChildHost).Assembly.Location]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach ((string key, string? value) in stub.Launch.Environment)
        {
            info.Environment[key] = value;
        }

        info.Environment[Switch] = stub.Folder;
        info.Environment["MLX_TEST_COMMAND"] = command;
        foreach (string profiler in new[] { "CORECLR_ENABLE_PROFILING", "CORECLR_PROFILER", "CORECLR_PROFILER_PATH_64" })
        {
            info.Environment.Remove(profiler);
        }

        return Process.Start(info)!;
    }

#pragma warning disable CA2255 // the child must never reach the test runner's own entry point
    [ModuleInitializer]
#pragma warning restore CA2255
    public static void RunAsHost()
    {
        if (Environment.GetEnvironmentVariable(Switch) is not { Length: > 0 } folder)
        {
            return;
        }

        MlxLaunchOptions launch = new() { Model = "stub/model", AllowUnsupportedPlatform = true };
        if (Environment.GetEnvironmentVariable("MLX_TEST_COMMAND") is { Length: > 0 } script)
        {
            launch.Command = "python3";
            launch.Arguments.Add(script);
            launch.Arguments.Add("{port}");
            launch.StateDirectory = folder;
        }

        // Only calls into other assemblies: until this one's initializer has ended, no other thread may run code of it.
        MlxProvider provider = new("mlx", new MlxProviderOptions { Launch = launch });
        provider.StartServerAsync().GetAwaiter().GetResult();
        Console.WriteLine("ready " + provider.ServerStatus!.ProcessId);
        if (Console.In.ReadToEnd().StartsWith("exit", StringComparison.Ordinal))
        {
            Environment.Exit(0); // a host that forgets to dispose
        }

        provider.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Console.WriteLine("stopped");
        Environment.Exit(0);
    }
}
