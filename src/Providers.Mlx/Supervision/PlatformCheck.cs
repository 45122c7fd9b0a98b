using System.Runtime.InteropServices;

namespace Providers.Mlx;

/// <summary>Where MLX runs: macOS on Apple silicon. The machine counts, not the process: under Rosetta a .NET process is x64.</summary>
internal static class PlatformCheck
{
    public static void ThrowIfUnsupported(bool allowed) =>
        ThrowIfUnsupported(allowed, OperatingSystem.IsMacOS(), RuntimeInformation.OSArchitecture, RuntimeInformation.OSDescription);

    public static void ThrowIfUnsupported(bool allowed, bool isMacOS, Architecture architecture, string system)
    {
        if (allowed || (isMacOS && architecture is Architecture.Arm64))
        {
            return;
        }

        throw new PlatformNotSupportedException(
            $"An MLX server can only be launched on macOS on Apple silicon (arm64); this is {system} on {architecture}. " +
            "Attach to a server on another machine with BaseUrl, or, where mlx-lm has wheels for this platform (mlx-lm[cpu], mlx-lm[cuda12]), set Launch:AllowUnsupportedPlatform.");
    }
}
