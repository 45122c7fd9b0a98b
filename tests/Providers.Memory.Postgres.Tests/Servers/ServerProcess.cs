using System.Diagnostics;

namespace Providers.Memory.Postgres.Tests;

/// <summary>A server that ends with the tests, however they end: a shell beside it waits for the end of its input, which the system closes with this process.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _shell;
    private readonly TaskCompletionSource<string> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];
    private readonly string _awaited;

    private ServerProcess(string directory, string awaited, string signal, string[] command)
    {
        _awaited = awaited;
        ProcessStartInfo start = new("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("\"$@\" </dev/null & pid=$!; cat >/dev/null; kill -$0 $pid; wait $pid");
        start.ArgumentList.Add(signal);
        foreach (string argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        _shell = new Process { StartInfo = start, EnableRaisingEvents = true };
        _shell.OutputDataReceived += (_, e) => Take(e.Data);
        _shell.ErrorDataReceived += (_, e) => Take(e.Data);
        _shell.Start();
        _shell.BeginOutputReadLine();
        _shell.BeginErrorReadLine();
    }

    /// <summary>Starts a server and waits until it says that it is ready.</summary>
    /// <param name="directory">Where it runs.</param>
    /// <param name="awaited">What it says when it is ready.</param>
    /// <param name="signal">The signal that ends it.</param>
    /// <param name="command">The program and its arguments.</param>
    public static async Task<ServerProcess> StartAsync(string directory, string awaited, string signal, params string[] command)
    {
        ServerProcess server = new(directory, awaited, signal, command);
        try
        {
            await server._seen.Task.WaitAsync(TimeSpan.FromMinutes(5));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command to its end.</summary>
    public static void Run(string directory, params string[] command)
    {
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {errors.Result}");
        }
    }

    /// <summary>Finds a program on the path.</summary>
    public static string? Find(string program, params string[] folders) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(folders).Select(d => Path.Join(d, program)).FirstOrDefault(File.Exists);

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(20));
        try
        {
            await _shell.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            _shell.Kill(entireProcessTree: true);
        }

        _shell.Dispose();
    }

    private void Take(string? line)
    {
        lock (_lines)
        {
            if (line is null)
            {
                _seen.TrySetException(new InvalidOperationException($"The server ended before it was ready: {string.Join('\n', _lines)}"));
                return;
            }

            _lines.Add(line);
            if (line.Contains(_awaited, StringComparison.OrdinalIgnoreCase))
            {
                _seen.TrySetResult(line);
            }
        }
    }
}
