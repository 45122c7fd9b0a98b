using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Providers.AspNetCore.Tests.Support;
using Providers.Testing;

namespace Providers.AspNetCore.Tests.Secrets;

/// <summary>Secrets, prompts and memories sent through every endpoint: none of them is in any log, trace, metric or problem.</summary>
public sealed class CanaryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("canary-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Canaries_SentEverywhere_AreSeenNowhere()
    {
        using Recording recording = new();
        string mark = Guid.NewGuid().ToString("N");
        string prompt = "prompt" + mark, memory = "memory" + mark, upstream = "upstream" + mark, token = "eyJ" + mark + ".e30.sig", wrongKey = "ms_live_" + mark;
        List<string> problems = [];
        await using GatewayHost host = await FullHost.StartAsync(environment: "Production", configure: o => o.Authentication.KeyFile = Path.Combine(_folder, "keys.json"), build: b => b.Logging.AddProvider(recording).SetMinimumLevel(LogLevel.Trace));
        (string key, _) = await ApiKeyIssuer.IssueAsync(host.Services.GetRequiredService<IApiKeyStore>(), "acme", GatewayScopes.All);
        string secret = key[17..60];

        async Task Send(string method, string path, string? body, string credentials)
        {
            using HttpRequestMessage request = new(new HttpMethod(method), path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credentials);
            request.Headers.TryAddWithoutValidation("If-Match", "*");
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await host.Client.SendAsync(request);
            string text = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode || text.Contains("event: error", StringComparison.Ordinal))
            {
                problems.Add(text);
            }
        }

        string chat = $$"""{"messages":[{"role":"system","content":"{{prompt}}"},{"role":"user","content":"{{prompt}}"}],"temperature":0.5}""";
        foreach (string credentials in (string[])[key, token, wrongKey])
        {
            await Send("POST", "/v1/chat/completions", chat, credentials);
            await Send("POST", "/v1/chat/completions", chat.Replace("{\"messages", "{\"stream\":true,\"messages", StringComparison.Ordinal), credentials);
            await Send("POST", "/v1/chat/completions", chat.Replace("0.5", "9", StringComparison.Ordinal), credentials);
            await Send("POST", "/v1/chat/completions", chat[..^1], credentials);
            await Send("POST", "/v1/embeddings", $$"""{"input":"{{prompt}}"}""", credentials);
            await Send("POST", "/v1/embeddings", $$"""{"input":["{{prompt}}",5]}""", credentials);
            await Send("POST", "/v1/memories", $$"""{"text":"{{memory}}"}""", credentials);
            await Send("POST", "/v1/memories", $$"""{"id":"fixed","text":"{{memory}}"}""", credentials);
            await Send("POST", "/v1/memories", $$"""{"id":"fixed","text":"{{memory}}"}""", credentials);
            await Send("POST", "/v1/memories", $$"""{"text":"{{memory}}","importance":7,"tags":["twice","twice"]}""", credentials);
            await Send("PUT", "/v1/memories/fixed", $$"""{"text":"{{memory}} again"}""", credentials);
            await Send("POST", "/v1/memories:search", $$"""{"text":"{{memory}}","top":0}""", credentials);
            await Send("POST", "/v1/memories:search", $$"""{"text":"{{memory}}"}""", credentials);
            await Send("GET", "/v1/providers", null, credentials);
        }

        // Servers that fail with secrets in what they say, before and after the first content.
        ProviderException loud = new(new ProviderFailure(FailureKind.Unknown, $"the server says {upstream}"), "alpha", "m", new InvalidOperationException(upstream));
        host.Providers[0].Chat.Enqueue(ChatScript.Empty.ThrowOnCall(loud), ChatScript.Empty.Role().Text("one").Throw(loud));
        host.Providers[1].Chat.Enqueue(ChatScript.Empty.ThrowOnCall(loud));
        await Send("POST", "/v1/chat/completions", chat, key);
        await Send("POST", "/v1/chat/completions", chat.Replace("{\"messages", "{\"stream\":true,\"messages", StringComparison.Ordinal), key);

        problems.Should().HaveCountGreaterThan(30);
        string[] client = [prompt, memory, secret, token, wrongKey, upstream];
        problems.Should().NotContain(p => client.Any(c => p.Contains(c, StringComparison.Ordinal)));

        // What a server says of its failure is the operator's to read; what callers sent is nobody's.
        string[] operators = [prompt, memory, secret, token, wrongKey];
        recording.Lines.Should().NotContain(l => operators.Any(c => l.Contains(c, StringComparison.Ordinal)));
        recording.Lines.Should().Contain(static l => l.StartsWith("log", StringComparison.Ordinal)).And.Contain(static l => l.StartsWith("activity", StringComparison.Ordinal)).And.Contain(static l => l.StartsWith("metric", StringComparison.Ordinal));
    }
}
