using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Providers.AspNetCore.Auth;
using Providers.AspNetCore.Tests.Support;
using Providers.Testing;

namespace Providers.AspNetCore.Tests.Hosting;

/// <summary>The sample host as people start it: the lines of its README, and how it stops (gate G15).</summary>
public sealed class SampleHostTests
{
    private const string Chat = """{"messages":[{"role":"user","content":"Hello"}]}""";

    [Fact]
    public async Task Lines_OfTheReadme_WorkAsPrinted()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "curl is missing");
        await using HostProcess host = await HostProcess.StartAsync();
        string[] lines = [.. File.ReadAllLines(Path.Combine(Node.Root, "samples", "Host", "README.md")).Where(static l => l.StartsWith("curl ", StringComparison.Ordinal))];
        lines.Length.Should().BeGreaterThan(8);
        Dictionary<string, string> answers = [];
        foreach (string line in lines)
        {
            ProcessStartInfo start = new("bash", ["-c", line.Replace("http://localhost:5080", host.Address.ToString().TrimEnd('/'), StringComparison.Ordinal) + " -sS --fail-with-body --max-time 60"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process curl = Process.Start(start)!;
            string answer = await curl.StandardOutput.ReadToEndAsync(), error = await curl.StandardError.ReadToEndAsync();
            await curl.WaitForExitAsync();
            curl.ExitCode.Should().Be(0, $"{line}\n{answer}{error}\n{host.Output}");
            answers[line] = answer;
        }

        string Of(string part) => answers.Single(a => a.Key.Contains(part, StringComparison.Ordinal)).Value;
        Of("curl http://localhost:5080/v1/chat").Should().Contain(JsonEncodedText.Encode(CanonicalAnswer.Text).ToString()[..20]);
        Of("curl -N").Should().Contain("data: ").And.EndWith("data: [DONE]\n\n");
        Of("memories:search").Should().Contain("Anna takes her tea without milk.");
        Of("health/ready").Should().MatchRegex("\"status\":\"(ready|degraded)\"", "mlx is away, noticed or not yet, and ollama serves");
        Of("mlx:drain").Should().Contain("\"draining\":true");
    }

    /// <summary>The deployment's settings, with its volumes in a folder: the host starts outside Development, its door closed, and answers its probes.</summary>
    [Fact]
    public async Task Manifest_StartsTheHostAndFindsItsProbes()
    {
        JsonElement pod = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Node.Root, "deploy", "kubernetes", "providers.json"))).RootElement.GetProperty("items").EnumerateArray()
            .Single(static i => i.GetProperty("kind").GetString() == "Deployment").GetProperty("spec").GetProperty("template").GetProperty("spec");
        JsonElement container = pod.GetProperty("containers")[0];
        string volumes = Directory.CreateTempSubdirectory("volumes-").FullName;
        try
        {
            Dictionary<string, string> settings = container.GetProperty("env").EnumerateArray().Where(static e => e.TryGetProperty("value", out _))
                .ToDictionary(static e => e.GetProperty("name").GetString()!, e => e.GetProperty("value").GetString() is ['/', ..] path ? volumes + path : e.GetProperty("value").GetString()!);
            foreach (JsonElement mount in container.GetProperty("volumeMounts").EnumerateArray())
            {
                Directory.CreateDirectory(volumes + mount.GetProperty("mountPath").GetString());
            }

            await using HostProcess host = await HostProcess.StartAsync(new(settings) { ["ASPNETCORE_ENVIRONMENT"] = "Production" });
            using HttpClient client = new() { BaseAddress = host.Address, Timeout = TimeSpan.FromMinutes(2) };
            long start = Stopwatch.GetTimestamp();
            foreach (string probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
            {
                string path = container.GetProperty(probe).GetProperty("httpGet").GetProperty("path").GetString()!;
                HttpStatusCode status;
                do
                {
                    using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative));
                    status = response.StatusCode;
                }
                while (status is HttpStatusCode.ServiceUnavailable && Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1)); // it listens a moment before it has started
                status.Should().Be(HttpStatusCode.OK, $"{probe} {path}\n{host.Output}");
            }

            (await PostAsync(client)).Should().Be(HttpStatusCode.Unauthorized, "nobody has a key yet");
            using FileApiKeyStore keys = new(settings["Gateway__Authentication__KeyFile"]);
            (string secret, _) = await ApiKeyIssuer.IssueAsync(keys, "acme", GatewayScopes.Chat);
            client.DefaultRequestHeaders.Authorization = new("Bearer", secret);
            start = Stopwatch.GetTimestamp();
            HttpStatusCode? answered;
            do
            {
                answered = await PostAsync(client);
            }
            while (answered is HttpStatusCode.Unauthorized && Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1));
            answered.Should().Be(HttpStatusCode.OK, "the key counts without a restart");
        }
        finally
        {
            Directory.Delete(volumes, recursive: true);
        }
    }

    [Fact]
    public async Task Terminate_UnderLoad_IsNotReadyAtOnceAndDropsNothing()
    {
        await using HostProcess host = await HostProcess.StartAsync(new()
        {
            ["Providers__Providers__ollama__MaxConcurrency"] = "64",
            ["Gateway__DrainDelay"] = "00:00:10",
            ["Gateway__DrainTimeout"] = "00:02:00",
            ["Gateway__Limits__RequestsPerMinute"] = "1000000",
            ["Gateway__Limits__TenantRequestsPerMinute"] = "1000000",
            ["Gateway__Limits__Burst"] = "100000",
        });
        using HttpClient client = new() { BaseAddress = host.Address, Timeout = TimeSpan.FromMinutes(1) };
        using CancellationTokenSource stop = new();
        int served = 0;
        bool terminated = false;
        List<string> dropped = [];
        Task[] load = [.. Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    using HttpResponseMessage response = await client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), new StringContent(i % 2 == 0 ? Chat : Chat.Replace("{\"messages", "{\"stream\":true,\"messages", StringComparison.Ordinal), Encoding.UTF8, "application/json"));
                    string body = await response.Content.ReadAsStringAsync();
                    if (response.StatusCode is HttpStatusCode.ServiceUnavailable && body.Contains("\"draining\"", StringComparison.Ordinal) && Volatile.Read(ref terminated))
                    {
                        return; // the balancer has had its delay, and would not have sent this one here
                    }

                    if (response.StatusCode is not HttpStatusCode.OK || (i % 2 == 1 && !body.Contains("[DONE]", StringComparison.Ordinal)))
                    {
                        lock (dropped)
                        {
                            dropped.Add($"{response.StatusCode}: {body}");
                        }
                    }

                    Interlocked.Increment(ref served);
                }
                catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError)
                {
                    return; // it has stopped listening: the balancer would not have sent this one here
                }
                catch (HttpRequestException e)
                {
                    lock (dropped)
                    {
                        dropped.Add($"{e.HttpRequestError}: {e.Message} {e.InnerException?.Message}");
                    }
                }
            }
        }))];
        while (Volatile.Read(ref served) < 50)
        {
            await Task.Yield();
            load.Should().NotContain(static t => t.IsFaulted);
        }

        Volatile.Write(ref terminated, true);
        host.Terminate();
        long signalled = Stopwatch.GetTimestamp();
        HttpStatusCode ready;
        do
        {
            using HttpResponseMessage probe = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            ready = probe.StatusCode;
        }
        while (ready is HttpStatusCode.OK && Stopwatch.GetElapsedTime(signalled) < TimeSpan.FromMinutes(1));
        ready.Should().Be(HttpStatusCode.ServiceUnavailable, "readiness goes first, while requests are still taken");
        for (int then = Volatile.Read(ref served); Volatile.Read(ref served) < then + 30 && load.Any(static t => !t.IsCompleted);)
        {
            await Task.Yield(); // a balancer takes its time, and what it still sends is served
        }

        await stop.CancelAsync();
        await Task.WhenAll(load).WaitAsync(TimeSpan.FromMinutes(2));
        int code = await host.ExitAsync(TimeSpan.FromMinutes(3));
        dropped.Should().BeEmpty();
        code.Should().Be(0, host.Output);
    }

    /// <summary>After the balancer's time nothing new is taken, what is under way is finished, and the process ends well.</summary>
    [Fact]
    public async Task Terminate_WithAStreamUnderWay_FinishesItAndRefusesOthers()
    {
        await using HostProcess host = await HostProcess.StartAsync(new() { ["Gateway__DrainDelay"] = "00:00:00", ["Gateway__DrainTimeout"] = "00:01:00" });
        Fault slow = Fault.TokenEvery(TimeSpan.FromMilliseconds(500)).On("/api/chat");
        host.Ollama.Faults.Enqueue(slow);
        using HttpClient client = new() { BaseAddress = host.Address, Timeout = TimeSpan.FromMinutes(2) };
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent("""{"stream":true,"messages":[{"role":"user","content":"Hello"}]}""", Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        host.Terminate();
        Task<string> stream = response.Content.ReadAsStringAsync();
        HttpStatusCode? other;
        do
        {
            other = await PostAsync(client);
        }
        while (other is HttpStatusCode.OK && !stream.IsCompleted);
        (other is HttpStatusCode.ServiceUnavailable or null).Should().BeTrue("a new request is refused, or finds nobody, while the stream goes on; it was answered with {0}", other);
        (await stream).Should().EndWith("data: [DONE]\n\n").And.NotContain("event: error");
        (await host.ExitAsync(TimeSpan.FromMinutes(3))).Should().Be(0, host.Output);
        (await PostAsync(client)).Should().BeNull("nobody listens any more");
    }

    [Fact]
    public async Task Terminate_WithAStreamThatDoesNotEnd_EndsItWithARetryableErrorEvent()
    {
        await using HostProcess host = await HostProcess.StartAsync(new() { ["Gateway__DrainDelay"] = "00:00:00", ["Gateway__DrainTimeout"] = "00:00:01" });
        host.Ollama.Faults.Enqueue(Fault.StallAfter(3).On("/api/chat"));
        using HttpClient client = new() { BaseAddress = host.Address, Timeout = TimeSpan.FromMinutes(1) };
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent("""{"stream":true,"messages":[{"role":"user","content":"Hello"}]}""", Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        host.Terminate();
        string body = await response.Content.ReadAsStringAsync();
        body.Should().Contain("event: error").And.Contain("\"code\":\"draining\"").And.NotContain("[DONE]");
        (await host.ExitAsync(TimeSpan.FromMinutes(3))).Should().Be(0);
    }

    [Fact]
    public async Task Terminate_Twice_ExitsAtOnce()
    {
        await using HostProcess host = await HostProcess.StartAsync(new() { ["Gateway__DrainDelay"] = "00:05:00", ["Gateway__DrainTimeout"] = "00:10:00" });
        host.Terminate();
        using HttpClient client = new() { BaseAddress = host.Address };
        HttpStatusCode ready = HttpStatusCode.OK;
        for (long start = Stopwatch.GetTimestamp(); ready is HttpStatusCode.OK && Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(2);)
        {
            using HttpResponseMessage probe = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            ready = probe.StatusCode;
        }

        ready.Should().Be(HttpStatusCode.ServiceUnavailable);
        host.Terminate();
        (await host.ExitAsync(TimeSpan.FromMinutes(3))).Should().Be(143, "it does not wait for the five minutes");
    }

    /// <returns>The answer's status; <see langword="null"/> when there was nobody to connect to.</returns>
    private static async Task<HttpStatusCode?> PostAsync(HttpClient client)
    {
        try
        {
            using HttpResponseMessage response = await client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), new StringContent(Chat, Encoding.UTF8, "application/json"));
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    [Fact]
    public async Task Keys_OfTheSample_OpenTheClosedHost()
    {
        string folder = Directory.CreateTempSubdirectory("keys-").FullName;
        string keys = Path.Combine(folder, "keys.json");
        string build = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
        ProcessStartInfo start = new("dotnet", [Path.Combine(Node.Root, "samples", "Host", "bin", build, "net10.0", "Providers.Samples.Host.dll"), "keys", "issue", "acme", "chat", "memory:read"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["Gateway__Authentication__KeyFile"] = keys;
        using Process issue = Process.Start(start)!;
        string secret = (await issue.StandardOutput.ReadToEndAsync()).Trim();
        await issue.WaitForExitAsync();
        secret.Should().StartWith("ms_live_", await issue.StandardError.ReadToEndAsync());
        await using HostProcess host = await HostProcess.StartAsync(new() { ["ASPNETCORE_ENVIRONMENT"] = "Production", ["Gateway__Authentication__KeyFile"] = keys });
        using HttpClient client = new() { BaseAddress = host.Address };
        using (HttpResponseMessage refused = await client.GetAsync(new Uri("/v1/models", UriKind.Relative)))
        {
            refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        }

        client.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        using HttpResponseMessage served = await client.GetAsync(new Uri("/v1/models", UriKind.Relative));
        served.StatusCode.Should().Be(HttpStatusCode.OK);
        Directory.Delete(folder, recursive: true);
    }
}
