using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.Hosting;

/// <summary>The door over HTTP/2, as proxies and service meshes speak it: bodies there need not say how long they are.</summary>
public sealed class Http2Tests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("http2-").FullName;
    private GatewayHost _host = null!;
    private HttpClient _client = null!;
    private string _admin = null!;
    private string _chat = null!;
    private ApiKey _key = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(
            environment: "Production",
            configure: o => o.Authentication.KeyFile = Path.Combine(_folder, "keys.json"),
            build: static b => b.WebHost.ConfigureKestrel(static k => k.Listen(IPAddress.Loopback, 0, static l => l.Protocols = HttpProtocols.Http2)));
        IApiKeyStore store = _host.Services.GetRequiredService<IApiKeyStore>();
        (_admin, _) = await ApiKeyIssuer.IssueAsync(store, "ops", GatewayScopes.Admin);
        (_chat, _key) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Chat);
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new Uri(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Last()),
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Chat_WithoutALength_IsAnsweredWholeAndStreamed()
    {
        using HttpResponseMessage whole = await PostAsync("/v1/chat/completions", _chat, """{"messages":[{"role":"user","content":"Hello"}]}""");
        whole.StatusCode.Should().Be(HttpStatusCode.OK);
        whole.Version.Should().Be(HttpVersion.Version20);
        using JsonDocument answer = JsonDocument.Parse(await whole.Content.ReadAsStringAsync());
        string text = answer.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

        using HttpResponseMessage streamed = await PostAsync("/v1/chat/completions", _chat, """{"stream":true,"messages":[{"role":"user","content":"Hello"}]}""");
        streamed.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        string[] events = [.. (await streamed.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static e => e["data: ".Length..])];
        events[^1].Should().Be("[DONE]");
        string.Concat(events[..^1].Select(Content)).Should().Be(text);
    }

    [Fact]
    public async Task Rotation_ToEndAtOnceWithoutALength_EndsAtOnce()
    {
        using HttpResponseMessage rotated = await PostAsync($"/v1/api-keys/{_key.Id}:rotate", _admin, """{"overlap_seconds":0}""");
        rotated.StatusCode.Should().Be(HttpStatusCode.Created);
        using HttpResponseMessage refused = await PostAsync("/v1/chat/completions", _chat, """{"messages":[{"role":"user","content":"Hello"}]}""");
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Body_LargerThanAllowedWithoutALength_IsRefusedAndTheConnectionServesOn()
    {
        string large = $$"""{"overlap_seconds":0,"note":"{{new string('a', 2 * 1024 * 1024)}}"}""";
        using HttpResponseMessage refused = await PostAsync($"/v1/api-keys/{_key.Id}:rotate", _admin, large);
        refused.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await refused.Content.ReadAsStringAsync()).Should().Contain("body_too_large");
        using HttpResponseMessage served = await PostAsync("/v1/chat/completions", _chat, """{"messages":[{"role":"user","content":"Hello"}]}""");
        served.StatusCode.Should().Be(HttpStatusCode.OK, "the key was not rotated by half a body");
    }

    private static string? Content(string data)
    {
        using JsonDocument chunk = JsonDocument.Parse(data);
        return chunk.RootElement.GetProperty("choices").EnumerateArray()
            .Select(static c => c.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : null)
            .SingleOrDefault();
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string key, string json)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new NoLength(json) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>JSON whose length its sender does not know.</summary>
    private sealed class NoLength : HttpContent
    {
        private readonly byte[] _json;

        public NoLength(string json)
        {
            _json = Encoding.UTF8.GetBytes(json);
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(_json).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
