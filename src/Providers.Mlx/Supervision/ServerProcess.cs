using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Providers.Mlx;

/// <summary>One run of the server's process: drained for as long as it lives, and ended in three steps, each harder.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly LaunchPlan _plan;
    private readonly TimeProvider _clock;
    private readonly Task _output;

    private ServerProcess(Process process, LaunchPlan plan, ILogger logger, TimeProvider clock)
    {
        _process = process;
        _plan = plan;
        _clock = clock;
        Id = process.Id;
        _output = Task.WhenAll(
            LinePump.RunAsync(process.StandardOutput, OnLine),
            LinePump.RunAsync(process.StandardError, OnLine));
        Exited = WaitForExitAsync();
        AppDomain.CurrentDomain.ProcessExit += OnHostExit;

        void OnLine(string raw)
        {
            string line = plan.Mask.Apply(raw);
            Output.Add(line);
            LogLevel level = OutputLevel.Of(line);
            logger.ServerWrote(level, plan.Name, line);
        }
    }

    public int Id { get; }

    public OutputTail Output { get; } = new(OutputTail.Lines);

    /// <summary>Ends with the exit code, after the output was read as far as it came.</summary>
    public Task<int> Exited { get; }

    public static ServerProcess Start(LaunchPlan plan, int port, ILogger logger, TimeProvider clock)
    {
        Process process = new() { StartInfo = plan.StartInfo(port) };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or DirectoryNotFoundException)
        {
            process.Dispose();
            throw Preflight.NotFound(plan, e);
        }

        return new ServerProcess(process, plan, logger, clock);
    }

    /// <summary>Ends the process: closes its input (the bootstrap ends at that), asks it to terminate, kills it with its children.</summary>
    public async Task StopAsync()
    {
        CloseInput();
        if (_plan.HasBootstrap && await EndsAsync().ConfigureAwait(false))
        {
            return;
        }

        ProcessSignals.SendTerminate(Id);
        if (!await EndsAsync().ConfigureAwait(false))
        {
            Kill();
            await Exited.ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnHostExit;
        if (!Exited.IsCompleted)
        {
            await StopAsync().ConfigureAwait(false);
        }

        _process.Dispose();
    }

    private async Task<bool> EndsAsync()
    {
        try
        {
            await Exited.WaitAsync(_plan.StopTimeout, _clock).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        try
        {
            // A grandchild may hold the pipes open: do not wait for it for ever.
            await _output.WaitAsync(TimeSpan.FromSeconds(1), _clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What came until now is enough.
        }

        return _process.ExitCode;
    }

    private void OnHostExit(object? sender, EventArgs e)
    {
        if (!Exited.IsCompleted)
        {
            CloseInput();
            ProcessSignals.SendTerminate(Id);
        }
    }

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process is gone.
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            // Gone in the meantime.
        }
    }
}
