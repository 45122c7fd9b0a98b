using System.Diagnostics;

namespace Providers.Vectors.Tests;

/// <summary>The kernel and dispatch tests again in children whose runtime has instruction sets switched off.</summary>
public sealed class InstructionSetTests
{
    [Theory]
    [InlineData("AVXVNNI", "DOTNET_EnableAVXVNNI=0")]
    [InlineData("AVX512", "DOTNET_EnableAVX512=0", "DOTNET_EnableAVX512F=0", "DOTNET_EnableAVXVNNI=0")]
    [InlineData("AVX2", "DOTNET_EnableAVX2=0")]
    [InlineData("everything", "DOTNET_EnableHWIntrinsic=0")]
    public async Task KernelTests_InstructionSetsOff_Pass(string what, params string[] settings)
    {
        if (Environment.GetEnvironmentVariable(DispatchTests.Without) is not null)
        {
            return; // a child starts no children
        }

        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "--filter-class", typeof(KernelTests).FullName!, "--filter-class", typeof(DispatchTests).FullName!, "--no-ansi", "--no-progress" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string inherited in start.Environment.Keys.Where(k => k.StartsWith("CORECLR_", StringComparison.Ordinal) || k.StartsWith("MicrosoftInstrumentation", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(inherited); // a profiler of the parent's coverage run has no business in a child
        }

        start.Environment[DispatchTests.Without] = what;
        foreach (string setting in settings)
        {
            start.Environment[setting.Split('=')[0]] = setting.Split('=')[1];
        }

        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync(), errors = child.StandardError.ReadToEndAsync();
        await child.WaitForExitAsync();
        child.ExitCode.Should().Be(0, "without {0}: {1}{2}", what, await output, await errors);
        (await output).Should().MatchRegex("(?i)total: *[1-9][0-9]{2}", "the child ran the kernel tests");
    }
}
