using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Chat;

/// <summary>The provider under the router: what fails at one server is served by the next.</summary>
public sealed class CompositeTests
{
    public static TheoryData<string, Reply> Failures => new()
    {
        { "refused key", Reply.Json("""{"error":{"message":"bad","code":"invalid_api_key"}}""", 401) },
        { "no credit", Reply.Json("""{"error":{"message":"no","code":"insufficient_quota"}}""", 429) },
        { "full", Reply.Json("", 503) },
        { "no such model", Reply.Json("""{"error":{"message":"The model x does not exist","code":"model_not_found"}}""", 404) },
        { "no chat", Reply.Json("""{"error":{"code":500,"message":"the current context does not logits computation. skipping","type":"server_error"}}""", 500) },
        { "page", new Reply { ContentType = "text/html", Pieces = ["<html>"u8.ToArray()] } },
        { "no answer", Reply.Drop },
        { "role and nothing more", Reply.Sse(Chats.Chunk("""{"role":"assistant","content":""}""", "null")) },
        { "error as first event", Reply.Sse("""data: {"error":{"message":"The server had an error","type":"server_error"}}""") },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Composite_WhoseFirstServerFails_IsServedByTheSecond(string what, Reply failure)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await using RawServer first = new(failure);
        await using RawServer second = new(r => r.Body.Contains("\"stream\":true", StringComparison.Ordinal) ? Chats.Stream : Reply.Json(Chats.Answer));
        ServiceCollection services = new();
        services.AddCompositeProvider(c => c
            .AddOpenAI("first", o => { o.Endpoint = first.Endpoint; o.DefaultModel = "a"; })
            .AddOpenAI("second", o => { o.Endpoint = second.Endpoint; o.DefaultModel = "b"; }));
        await using ServiceProvider provider = services.BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();
        (await client.GetStreamingResponseAsync("?", null, token).ToChatResponseAsync(token)).Text.Should().Be("Oslo", what);
        ChatResponse response = await client.GetResponseAsync("?", null, token);
        response.Text.Should().Be("Oslo", what);
        response.GetProvider().Should().Be("second");
    }
}
