using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Providers.Load;

/// <summary>samples/Host as a process of its own, over the given servers, on a free port, with a database that is thrown away.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private HostProcess(Process process, Uri address, string folder) => (_process, Address, _folder) = (process, address, folder);

    public Uri Address { get; }

    public long Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.HasExited ? 0 : _process.WorkingSet64 / 1_000_000;
        }
    }

    public static async Task<HostProcess> StartAsync(Backends backends)
    {
        string sample = Path.GetFullPath("samples/Host");
        string folder = Directory.CreateTempSubdirectory("providers-load-").FullName;
        Uri address = new($"http://127.0.0.1:{FreePort()}/");
        ProcessStartInfo start = new("dotnet", [Path.Combine(sample, "bin", "Release", "net10.0", "Providers.Samples.Host.dll")]) { WorkingDirectory = folder };
        // The sample's own settings name a model for each of its providers; this load brings three servers of one model each.
        File.Copy(Path.Combine("benchmarks", "Providers.Load", "appsettings.json"), Path.Combine(folder, "appsettings.json"));
        foreach ((string key, string value) in (IEnumerable<(string, string)>)
            [
                ("ASPNETCORE_ENVIRONMENT", "Development"), ("Urls", address.ToString()), ("Memory__Path", Path.Combine(folder, "memory.db")),
                ("Providers__Providers__mlx__BaseUrl", backends.Mlx.Endpoint.ToString()), ("Providers__Providers__ollama__Endpoint", backends.Ollama.Endpoint.ToString()),
                ("Providers__Providers__openai__Endpoint", new Uri(backends.OpenAI.Endpoint, "v1").ToString()),
            ])
        {
            start.Environment[key] = value;
        }

        HostProcess host = new(Process.Start(start)!, address, folder);
        using HttpClient http = new() { BaseAddress = address };
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                if ((await http.GetAsync(new Uri("health/startup", UriKind.Relative))).IsSuccessStatusCode)
                {
                    return host;
                }
            }
            catch (HttpRequestException) when (attempt < 600 && !host._process.HasExited)
            {
                // Not yet.
            }

            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
