using System.Diagnostics;
using System.Text;
using Providers.Testing;

namespace Providers.AspNetCore.Tests.Support;

/// <summary>The sample host as a process of its own, over a loopback model server, with its files in a folder of its own.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process, string folder, OllamaServer ollama)
    {
        _process = process;
        _folder = folder;
        Ollama = ollama;
    }

    public OllamaServer Ollama { get; }

    public Uri Address => _listening.Task.Result;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static async Task<HostProcess> StartAsync(Dictionary<string, string>? settings = null)
    {
        OllamaServer ollama = await OllamaServer.StartAsync(new ModelServerOptions { Models = ["qwen3-coder:30b", "gpt-oss:20b", "gemma3n", "qwen3-embedding:4b", "nomic-embed-text"], EmbeddingDimensions = 2560 });
        string folder = Directory.CreateTempSubdirectory("host-").FullName;
        string build = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
        string program = Path.Combine(Node.Root, "samples", "Host", "bin", build, "net10.0", "Providers.Samples.Host.dll");
        ProcessStartInfo start = new("dotnet", [program, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        File.Copy(Path.Combine(Path.GetDirectoryName(program)!, "appsettings.json"), Path.Combine(folder, "appsettings.json"));
        Dictionary<string, string> environment = new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Providers__Providers__mlx__BaseUrl"] = "http://127.0.0.1:1",
            ["Providers__Providers__ollama__Endpoint"] = ollama.Endpoint.ToString(),
            ["Providers__Providers__openai__Endpoint"] = "http://127.0.0.1:1/v1",
            ["Memory__Path"] = Path.Combine(folder, "memories.db"),
        };
        foreach ((string key, string value) in environment.Concat(settings ?? []))
        {
            start.Environment[key] = value;
        }

        HostProcess host = new(Process.Start(start)!, folder, ollama);
        host._process.OutputDataReceived += (_, e) => host.Read(e.Data);
        host._process.ErrorDataReceived += (_, e) => host.Read(e.Data);
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        Task exited = host._process.WaitForExitAsync();
        if (await Task.WhenAny(host._listening.Task, exited, Task.Delay(TimeSpan.FromMinutes(2))) != host._listening.Task)
        {
            string output = host.Output;
            await host.DisposeAsync();
            throw new InvalidOperationException($"The host did not start: {output}");
        }

        return host;
    }

    /// <summary>Sends SIGTERM.</summary>
    public void Terminate() => Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])!.WaitForExit();

    /// <returns>The exit code.</returns>
    public async Task<int> ExitAsync(TimeSpan within)
    {
        await _process.WaitForExitAsync().WaitAsync(within);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        await Ollama.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        const string Mark = "Now listening on: ";
        int at = line.IndexOf(Mark, StringComparison.Ordinal);
        if (at >= 0)
        {
            _listening.TrySetResult(new Uri(line[(at + Mark.Length)..].Trim()));
        }
    }
}
