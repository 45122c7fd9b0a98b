using Microsoft.Extensions.DependencyInjection;
using Providers.Testing;

namespace Providers.Tests.Wall;

/// <summary>The composite on the wall: the scenario's needs as a host would write them into its options.</summary>
internal sealed class CompositeSubject : IFaultWallSubject
{
    public string Name => "Providers composite";

    public ValueTask<FaultWallClient> BuildAsync(FaultWallSetup setup, CancellationToken cancellationToken)
    {
        FaultWallNeeds needs = setup.Needs;
        ServiceCollection services = new();
        services.AddSingleton(setup.Clock);
        services.AddLogging();
        services.AddCompositeProvider(builder =>
        {
            foreach (FaultWallTarget target in setup.Targets)
            {
                builder.AddProvider(target.Name, _ => target.Provider!);
            }

            builder.UseSeed(42).Configure(options =>
            {
                options.Health.Enabled = false;
                options.Timeouts.Total = needs.TotalTimeout;
                options.Timeouts.FirstContent = needs.FirstContentTimeout;
                options.Timeouts.Attempt = needs.AttemptTimeout;
                options.Timeouts.Gap = needs.GapTimeout;
                options.Timeouts.Load = needs.LoadTimeout ?? options.Timeouts.Load;
                options.Circuit.BreakDuration = needs.BreakDuration;
                options.Streams.Recovery = needs.Recovery;
                options.Streams.MinimumUpdatesPerSecond = needs.MinimumUpdatesPerSecond;
                foreach (FaultWallTarget target in setup.Targets.Where(static t => t.RateLimitDomain is not null))
                {
                    options.Providers[target.Name] = new ProviderOptions { RateLimitDomain = target.RateLimitDomain };
                }
            });
        });
        ServiceProvider provider = services.BuildServiceProvider();
        return new(new FaultWallClient(provider.GetRequiredService<IChatClient>(),
            setup.Scenario.Embeds ? provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>() : null, provider));
    }
}
