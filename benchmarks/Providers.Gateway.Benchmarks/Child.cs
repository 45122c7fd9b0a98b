using System.Diagnostics;

namespace Providers.Gateway.Benchmarks;

/// <summary>A process of the comparison: started here, waited for until it listens, ended here.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<string> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Child(Process process) => _process = process;

    public string? Key { get; private set; }

    /// <summary>Gets the processor time the process has used.</summary>
    public TimeSpan Worked
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="ready">A line that says the process listens; <see langword="null"/>: ours, which names the address.</param>
    public static async Task<(Child Child, Uri Address)> StartAsync(string file, IEnumerable<string> arguments, int? port = null, string? directory = null)
    {
        ProcessStartInfo start = new(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory ?? "" };
        start.Environment["NODE_ENV"] = "production";
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1"; // what a host sets that does nothing but pass requests on
        Child child = new(Process.Start(start)!);
        child._process.OutputDataReceived += (_, e) => child.Read(e.Data);
        child._process.ErrorDataReceived += static (_, _) => { };
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        if (port is null)
        {
            return (child, new Uri(await child._listening.Task.WaitAsync(TimeSpan.FromSeconds(60))));
        }

        Uri address = new($"http://127.0.0.1:{port}");
        using HttpClient client = new() { BaseAddress = address };
        for (int i = 0; ; i++)
        {
            try
            {
                using HttpResponseMessage response = await client.GetAsync(new Uri("/", UriKind.Relative));
                return (child, address);
            }
            catch (HttpRequestException) when (i < 300)
            {
                await Task.Delay(100);
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line?.StartsWith("listening ", StringComparison.Ordinal) is true)
        {
            _listening.TrySetResult(line["listening ".Length..]);
        }
        else if (line?.StartsWith("key ", StringComparison.Ordinal) is true)
        {
            Key = line["key ".Length..];
        }
    }
}
