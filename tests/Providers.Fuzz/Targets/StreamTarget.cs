using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Providers.Fuzz.Targets;

/// <summary>A chat answer as an adapter reads it, SDK and guard and all, from a server on loopback.</summary>
internal abstract class StreamTarget(string mediaType) : FuzzTarget
{
    private readonly SemaphoreSlim _one = new(1);
    private IChatClient? _client;
    private byte[] _body = [];

    /// <summary>Opens the adapter.</summary>
    protected abstract IModelProvider Open(Uri server);

    public override async Task<bool> ReadAsync(byte[] input)
    {
        await _one.WaitAsync();
        try
        {
            _client ??= Open(await StartAsync()).ChatClient!;
            _body = input;
            return await AskAsync(_client);
        }
        finally
        {
            _one.Release();
        }
    }

    private static async Task<bool> AskAsync(IChatClient client)
    {
        List<ChatResponseUpdate> updates = [];
        try
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hello"))
            {
                updates.Add(update);
            }
        }
        catch (ProviderException e) when (e.Kind is not FailureKind.Unknown)
        {
            return false;
        }

        updates.Should().Contain(static u => u.FinishReason != null, "a stream without its mark was cut");
        return true;
    }

    private async Task<Uri> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            bool asked = HttpMethods.IsPost(context.Request.Method);
            context.Response.ContentType = asked ? mediaType : "application/json";
            await context.Response.Body.WriteAsync(asked ? _body : """{"object":"list","data":[{"id":"m"}]}"""u8.ToArray());
        });
        await app.StartAsync();
        return new Uri(app.Urls.First());
    }
}
