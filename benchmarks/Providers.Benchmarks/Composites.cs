using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Benchmarks;

/// <summary>Composites with every protection on, as a host gets them.</summary>
internal static class Composites
{
    public static ServiceProvider Create(int targets, bool yields, SelectionPolicy policy = SelectionPolicy.Priority, int updates = 100)
    {
        ServiceCollection services = new();
        services.AddCompositeProvider(c =>
        {
            for (int i = 0; i < targets; i++)
            {
                c.AddChatClient($"p{i}", _ => new InstantClient(yields, updates));
            }

            c.AddRoute("chat", route =>
            {
                route.Policy = policy;
                for (int i = 0; i < targets; i++)
                {
                    route.Targets.Add(new TargetOptions { Provider = $"p{i}" });
                }
            });
        });
        return services.BuildServiceProvider();
    }
}
