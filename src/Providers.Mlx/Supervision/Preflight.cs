using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Providers.Mlx;

/// <summary>What can be known to be wrong before the server is started, each with the way to mend it.</summary>
internal static class Preflight
{
    private const int NotInstalled = 3;

    /// <summary>The release this supervisor was written against.</summary>
    private static readonly Version Known = new(0, 32, 0);

    public static async Task CheckAsync(LaunchPlan plan, ILogger logger, CancellationToken cancellationToken)
    {
        PlatformCheck.ThrowIfUnsupported(plan.AllowUnsupportedPlatform);
        CheckFolders(plan);
        if (!plan.HasBootstrap)
        {
            return;
        }

        (int exitCode, string output, string error) = await RunAsync(plan, cancellationToken).ConfigureAwait(false);
        if (exitCode is NotInstalled)
        {
            throw new MlxServerException(
                $"'{plan.FileName}' has no package mlx-lm. Install it with '{plan.FileName} -m pip install mlx-lm', or set Launch:PythonExecutable to the Python that has it.",
                FailureKind.ConnectionLost, exitCode);
        }

        if (exitCode is not 0)
        {
            throw new MlxServerException(
                $"'{plan.FileName}' ended with {exitCode} when asked for the version of mlx-lm. Set Launch:PythonExecutable to a Python 3 that has mlx-lm.",
                FailureKind.ConnectionLost, exitCode, [plan.Mask.Apply(error.Trim())]);
        }

        string version = output.Trim();
        logger.VersionFound(plan.Name, version);
        if (Version.TryParse(version, out Version? found) && found < Known)
        {
            logger.VersionOld(plan.Name, version, Known.ToString());
        }
    }

    public static MlxServerException NotFound(LaunchPlan plan, Exception inner)
    {
        string knob = plan.HasBootstrap ? "Launch:PythonExecutable" : "Launch:Command";
        return new MlxServerException(
            $"'{plan.FileName}' could not be started: {inner.Message} Set {knob} to a program on PATH or to its full path.",
            FailureKind.ConnectionLost, innerException: inner);
    }

    private static void CheckFolders(LaunchPlan plan)
    {
        string? lacks = plan.Model is { } model && ModelFolder.IsFolder(model) ? ModelFolder.Lacks(model) : null;
        if (lacks is null && plan.AdapterPath is { } adapter && !Directory.Exists(adapter))
        {
            lacks = $"The adapter folder '{adapter}' does not exist. Set Launch:AdapterPath to a folder that 'mlx_lm.lora' wrote, or leave it out.";
        }

        if (lacks is not null)
        {
            throw new MlxServerException(lacks, FailureKind.ModelMissing);
        }
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(LaunchPlan plan, CancellationToken cancellationToken)
    {
        using Process process = new() { StartInfo = plan.PreflightInfo() };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or DirectoryNotFoundException)
        {
            throw NotFound(plan, e);
        }

        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
