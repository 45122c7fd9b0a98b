using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.Memories;

/// <summary>Gate G11 at this door: random operations of four tenants, and none ever sees a row of another. G11_OPERATIONS makes it longer, in rounds of 4,000 on a fresh host each: exports grow with what is stored.</summary>
public sealed class IsolationTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int s_operations = int.Parse(Environment.GetEnvironmentVariable("G11_OPERATIONS") ?? "4000", CultureInfo.InvariantCulture);
    private static readonly int s_seed = int.Parse(Environment.GetEnvironmentVariable("G11_SEED") ?? "20260", CultureInfo.InvariantCulture);
    private readonly string _folder = Directory.CreateTempSubdirectory("tenants-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Tenants_UnderRandomOperations_NeverSeeEachOther()
    {
        const int Round = 4_000;
        int stolen = 0;
        for (int done = 0, seed = s_seed; done < s_operations; done += Round, seed += 100)
        {
            stolen += await RoundAsync(Math.Min(Round, s_operations - done), seed);
        }

        output.WriteLine($"{s_operations} operations of 4 tenants from seed {s_seed}, {stolen} ids and cursors tried by everybody, none of another's rows seen");
        stolen.Should().BeGreaterThan(s_operations / 20);
    }

    /// <returns>How many ids and cursors went from hand to hand.</returns>
    private async Task<int> RoundAsync(int operations, int seed)
    {
        await using GatewayHost host = await FullHost.StartAsync(environment: "Production", configure: o =>
        {
            o.Authentication.KeyFile = Path.Combine(_folder, $"keys-{seed}.json");
            o.Limits.RequestsPerMinute = null;
            o.Limits.TenantRequestsPerMinute = null;
        });
        IApiKeyStore keys = host.Services.GetRequiredService<IApiKeyStore>();
        string[] tenants = ["acme", "beta", "corp", "delta"];
        List<string> stolen = []; // ids and cursors of everybody, tried by everybody
        await Task.WhenAll(tenants.Select(async (tenant, i) =>
        {
            (string key, _) = await ApiKeyIssuer.IssueAsync(keys, tenant, GatewayScopes.MemoryRead | GatewayScopes.MemoryWrite);
            await new Tenant(host, tenant, key, (seed, i), stolen).RunAsync(operations / tenants.Length);
        }));
        return stolen.Count;
    }

    private sealed class Tenant(GatewayHost host, string name, string key, (int Round, int Place) seed, List<string> stolen)
    {
        private readonly Random _random = new(seed.Round + seed.Place);
        private readonly HashSet<string> _own = new(StringComparer.Ordinal);

        private string Mark => $"row-of-{name}";

        public async Task RunAsync(int operations)
        {
            for (int i = 0; i < operations; i++)
            {
                string id = Steal();
                (string method, string path, string? body) = _random.Next(11) switch
                {
                    0 or 1 or 2 => ("POST", "/v1/memories", $$"""{"text":"{{Mark}} says {{i}} tea","tags":["shared"]}"""),
                    3 => ("GET", $"/v1/memories/{id}", null),
                    4 => ("PATCH", $"/v1/memories/{id}", """{"importance":0.9}"""),
                    5 => ("DELETE", $"/v1/memories/{id}", null),
                    6 => ("PUT", $"/v1/memories/{id}", $$"""{"text":"{{Mark}} took {{i}}"}"""),
                    7 => ("GET", $"/v1/memories?limit=5&cursor={Uri.EscapeDataString(id)}", null),
                    8 => ("POST", "/v1/memories:search", $$"""{"text":"tea says","top":20,"mode":"keyword"}"""),
                    9 => ("POST", "/v1/memories:export", "{}"),
                    _ => ("GET", "/v1/memories?limit=5", null),
                };
                await SendAsync(method, path, body, i);
            }
        }

        private string Steal()
        {
            lock (stolen)
            {
                return stolen.Count == 0 ? "none" : stolen[_random.Next(stolen.Count)];
            }
        }

        private async Task SendAsync(string method, string path, string? body, int number)
        {
            using HttpRequestMessage request = new(new HttpMethod(method), path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            if (method is "PUT" or "PATCH" or "DELETE")
            {
                request.Headers.TryAddWithoutValidation("If-Match", "*");
            }

            if (_random.Next(4) == 0 && path == "/v1/memories")
            {
                request.Headers.Add("Idempotency-Key", $"key-{number % 7}-{name[0]}"); // the same few keys are used again and again
            }

            if (body is not null)
            {
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            }

            using HttpResponseMessage response = await host.Client.SendAsync(request);
            string text = await response.Content.ReadAsStringAsync();
            string what = $"seed {seed.Round}, {name} #{number}: {method} {path}: {(int)response.StatusCode} {text}";
            ((int)response.StatusCode).Should().BeLessThan(500, what);
            foreach (string other in (string[])["acme", "beta", "corp", "delta"])
            {
                (other != name && text.Contains($"row-of-{other}", StringComparison.Ordinal)).Should().BeFalse(what);
            }

            string id = path.StartsWith("/v1/memories/", StringComparison.Ordinal) ? path["/v1/memories/".Length..] : "";
            if (id.Length > 0 && !_own.Contains(id))
            {
                response.StatusCode.Should().BeOneOf([HttpStatusCode.NotFound, HttpStatusCode.BadRequest], what);
            }

            if (method == "POST" && path == "/v1/memories" && response.IsSuccessStatusCode)
            {
                string created = JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
                _own.Add(created);
                Give(created);
            }
            else if (response.IsSuccessStatusCode && text.Contains("next_cursor", StringComparison.Ordinal))
            {
                Give(JsonDocument.Parse(text).RootElement.GetProperty("next_cursor").GetString()!);
            }
        }

        private void Give(string thing)
        {
            lock (stolen)
            {
                stolen.Add(thing);
            }
        }
    }
}
