using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Providers.Testing;

namespace Providers.AspNetCore.Tests.Support;

/// <summary>A host with the REST door on a free port, over scripted providers, and a client to it.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayHost(WebApplication app, IReadOnlyList<ScriptedProvider> providers)
    {
        _app = app;
        Providers = providers;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(2) };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public IReadOnlyList<ScriptedProvider> Providers { get; }

    public ScriptedProvider Provider => Providers[0];

    /// <param name="providers">The names of scripted providers behind a composite; empty: the host has no composite.</param>
    public static async Task<GatewayHost> StartAsync(
        IReadOnlyList<string>? providers = null,
        Action<GatewayOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null,
        string environment = "Development",
        TimeProvider? clock = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static k =>
        {
            k.Listen(IPAddress.Loopback, 0);
            k.AddServerHeader = false;
        });
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        ScriptedProvider[] scripted = [.. (providers ?? ["alpha", "beta"]).Select(n => new ScriptedProvider(n, clock, new HashingEmbeddingGenerator()) { Descriptor = Describe(n) })];
        if (scripted.Length > 0)
        {
            builder.Services.AddCompositeProvider(c =>
            {
                foreach (ScriptedProvider provider in scripted)
                {
                    c.AddProvider(provider.Descriptor.Name, _ => provider);
                }

                c.AddRoute("chat", [.. scripted.Select(static p => $"{p.Descriptor.Name}/scripted-model")]);
                c.AddRoute("embedding", [.. scripted.Select(static p => $"{p.Descriptor.Name}/hashing")]);
                c.Configure(static o =>
                {
                    o.DefaultRoute = "chat";
                    o.Retry.BaseDelay = TimeSpan.FromMilliseconds(1);
                });
            });
        }

        builder.Services.AddProvidersGateway(options =>
        {
            options.DrainDelay = TimeSpan.Zero;
            options.DrainTimeout = TimeSpan.FromSeconds(5);
            configure?.Invoke(options);
        });
        build?.Invoke(builder);
        WebApplication app = builder.Build();
        if (map is null)
        {
            app.MapProviders();
        }
        else
        {
            map(app);
        }

        await app.StartAsync();
        return new GatewayHost(app, scripted);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string json, Action<HttpRequestMessage>? change = null)
    {
        HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        change?.Invoke(request);
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static ProviderDescriptor Describe(string name) => new(name, "Scripted")
    {
        IsLocal = true,
        Models =
        [
            new ModelDescriptor("scripted-model") { Capabilities = ModelCapabilities.Chat | ModelCapabilities.Streaming | ModelCapabilities.Tools | ModelCapabilities.JsonSchema | ModelCapabilities.Vision },
            new ModelDescriptor("hashing") { Capabilities = ModelCapabilities.Embeddings, EmbeddingDimensions = 16, VectorSpace = "hashing" },
        ],
    };
}
