using Microsoft.Extensions.DependencyInjection;
using Providers.OpenAI;

namespace Providers.FaultWall.Tests;

/// <summary>Our composite, configured as each scenario asks, over providers in process or over the real adapters.</summary>
internal sealed class CompositeSubject : IFaultWallSubject
{
    public string Name => "Providers";

    public ValueTask<FaultWallClient> BuildAsync(FaultWallSetup setup, CancellationToken cancellationToken)
    {
        ServiceCollection services = new();
        services.AddSingleton(setup.Clock);
        services.AddCompositeProvider(builder =>
        {
            foreach (FaultWallTarget target in setup.Targets)
            {
                Add(builder, target, setup.Needs);
            }

            builder.UseSeed(1).Configure(options => Configure(options, setup));
        });
        ServiceProvider provider = services.BuildServiceProvider();
        return new(new FaultWallClient(
            provider.GetRequiredService<IChatClient>(), provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(), provider));
    }

    private static void Configure(CompositeOptions options, FaultWallSetup setup)
    {
        FaultWallNeeds needs = setup.Needs;
        options.Health.Enabled = false;
        options.Timeouts = new TimeoutOptions
        {
            Total = needs.TotalTimeout,
            Attempt = needs.FirstContentTimeout,
            FirstContent = needs.FirstContentTimeout,
            Gap = needs.GapTimeout,
            Load = needs.LoadTimeout ?? needs.FirstContentTimeout,
        };
        options.Circuit.BreakDuration = needs.BreakDuration;
        options.Circuit.SlowStart = needs.BreakDuration;
        options.Streams.Recovery = needs.Recovery;
        options.Streams.MinimumUpdatesPerSecond = needs.MinimumUpdatesPerSecond;
        options.Streams.RateWindow = needs.FirstContentTimeout;
        RouteOptions route = options.Routes["wall"] = new RouteOptions();
        foreach (FaultWallTarget target in setup.Targets)
        {
            route.Targets.Add(new TargetOptions { Provider = target.Name, Model = target.Model });
            options.Providers[target.Name] = new ProviderOptions { RateLimitDomain = target.RateLimitDomain };
        }
    }

    private static void Add(ICompositeProviderBuilder builder, FaultWallTarget target, FaultWallNeeds needs)
    {
        ModelOptions model = new()
        {
            Id = target.Model,
            Capabilities = target.Descriptor.Capabilities,
            ContextWindow = target.Descriptor.ContextWindow,
            EmbeddingDimensions = target.Descriptor.EmbeddingDimensions,
            VectorSpace = target.Descriptor.VectorSpace,
        };
        TimeSpan patience = needs.LoadTimeout ?? needs.TotalTimeout;
        switch (target.Wire)
        {
            case FaultWallWire.InProcess:
                builder.AddProvider(target.Name, _ => target.Provider!);
                break;
            case FaultWallWire.Ollama:
                builder.AddOllama(target.Name, o =>
                {
                    o.Endpoint = target.Endpoint;
                    o.FirstByteTimeout = patience;
                    o.Models["model"] = model;
                });
                break;
            case FaultWallWire.Mlx:
                builder.AddMlx(target.Name, o =>
                {
                    o.BaseUrl = target.Endpoint!;
                    o.FirstByteTimeout = patience;
                    o.Models["model"] = model;
                });
                break;
            default:
                builder.AddOpenAI(target.Name, o =>
                {
                    o.Endpoint = new Uri(target.Endpoint!, "v1");
                    o.FirstByteTimeout = patience;
                    o.Models["model"] = model;
                    o.Profile = target.LoadsOnDemand ? OpenAIServerProfile.LmStudio : OpenAIServerProfile.Generic;
                    foreach (string key in target.ApiKeys)
                    {
                        o.ApiKeys.Add(key);
                    }
                });
                break;
        }
    }
}
