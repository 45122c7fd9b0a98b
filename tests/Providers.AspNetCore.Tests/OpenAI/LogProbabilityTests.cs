using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.OpenAI;

/// <summary>Log probabilities go to a target that has them and come back, whole and in a stream, through door, composite and adapter.</summary>
public sealed class LogProbabilityTests
{
    private const string Token = """{"content":[{"token":"Hi","logprob":-0.5,"bytes":[72,105],"top_logprobs":[{"token":"Hi","logprob":-0.5,"bytes":[72,105]},{"token":"Yo","logprob":-1.5,"bytes":null}]}]}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Logprobs_AskedFor_ReachTheServerAndComeBack(bool stream)
    {
        JsonNode? asked = null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static k => k.Listen(IPAddress.Loopback, 0));
        await using WebApplication upstream = builder.Build();
        upstream.MapPost("/v1/chat/completions", async (HttpContext http) =>
        {
            asked = await JsonNode.ParseAsync(http.Request.Body);
            string choice = stream ? "\"delta\":{\"role\":\"assistant\",\"content\":\"Hi\"}" : "\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"}";
            string body = $$"""{"id":"c","object":"chat.completion{{(stream ? ".chunk" : "")}}","created":1,"model":"m","choices":[{"index":0,{{choice}},"logprobs":{{Token}},"finish_reason":"stop"}]}""";
            http.Response.ContentType = stream ? "text/event-stream" : "application/json";
            await http.Response.WriteAsync(stream ? $"data: {body}\n\ndata: [DONE]\n\n" : body);
        });
        await upstream.StartAsync();
        string address = upstream.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await using GatewayHost host = await GatewayHost.StartAsync([], build: b => b.Services.AddCompositeProvider(c =>
        {
            c.AddOpenAI("up", o => (o.Endpoint, o.DefaultModel, o.ApiKey) = (new Uri(address + "/v1"), "m", "key"));
            c.AddRoute("chat", "up/m");
        }));
        using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", $$"""{"model":"chat","logprobs":true,"top_logprobs":2,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"x"}]}""");
        string text = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, text);
        ((bool)asked!["logprobs"]!, (int)asked["top_logprobs"]!).Should().Be((true, 2));
        string json = stream ? text.Split("\n\n").First(static e => e.Contains("\"content\":\"Hi\"", StringComparison.Ordinal))["data: ".Length..] : text;
        JsonNode.DeepEquals(JsonNode.Parse(json)!["choices"]![0]!["logprobs"], JsonNode.Parse(Token)).Should().BeTrue(json);
    }
}
