using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Providers.Operations.Tests;

/// <summary>A real Prometheus on a free loopback port that scrapes a host, and perhaps its machine, twice a second and evaluates the shipped rules, every duration of them divided by 60.</summary>
internal sealed partial class PrometheusServer : IAsyncDisposable
{
    public const int Faster = 60;
    private readonly Process _process;
    private readonly string _folder;
    private readonly HttpClient _http;

    private PrometheusServer(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public static async Task<PrometheusServer> StartAsync(Uri host, Uri? machine = null)
    {
        string folder = Directory.CreateTempSubdirectory("providers-prometheus").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "rules.yml"), Scale(OpsFiles.Rules));
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), $$"""
            global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
            rule_files: [rules.yml]
            scrape_configs:
              - job_name: providers
                static_configs: [{ targets: ["{{host.Authority}}"] }]
              - job_name: node
                static_configs: [{ targets: [{{(machine is null ? "" : $"\"{machine.Authority}\"")}}] }]
            """);
        int port = Ports.Free();
        Process process = Tool.Start(
            "prometheus", $"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error");
        PrometheusServer server = new(process, folder, port);
        await server.UntilAsync(async () => (await server._http.GetAsync("/-/ready")).IsSuccessStatusCode, static () => "Prometheus is ready");
        return server;
    }

    public static string Scale(string rules) => For().Replace(Range().Replace(rules, static m => m.Groups[1].Value + Divide(m.Groups[2].Value)), static m => m.Groups[1].Value + Divide(m.Groups[2].Value));

    public async Task<HashSet<string>> FiringAsync()
    {
        JsonNode answer = JsonNode.Parse(await _http.GetStringAsync("/api/v1/alerts"))!;
        return [.. answer["data"]!["alerts"]!.AsArray().Where(static a => (string)a!["state"]! == "firing").Select(static a => (string)a!["labels"]!["alertname"]!)];
    }

    /// <summary>Waits for a condition that another process brings about; six minutes are the limit of patience, not of speed.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, Func<string> what)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(6))
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100); // Prometheus tells nobody: it has to be asked again
        }

        Assert.Fail($"Waited six minutes in vain: {what()}. {(_process.HasExited ? await _process.StandardError.ReadToEndAsync() : "")}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Divide(string duration)
    {
        Match match = Duration().Match(duration);
        int seconds = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch { "w" => 604_800, "d" => 86_400, "h" => 3_600, "m" => 60, _ => 1 };
        return $"{seconds * 1_000 / Faster}ms";
    }

    [GeneratedRegex(@"(\[|offset )(\d+[smhdw])")]
    private static partial Regex Range();

    [GeneratedRegex(@"(for: )(\d+[smhdw])")]
    private static partial Regex For();

    [GeneratedRegex(@"(\d+)([smhdw])")]
    private static partial Regex Duration();
}
