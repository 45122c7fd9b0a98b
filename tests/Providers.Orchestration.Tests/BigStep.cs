using Microsoft.Extensions.DependencyInjection;

namespace Providers.Orchestration.Tests;

internal static class BigStep
{
    public static void AddBigStep(this IServiceCollection services) =>
        services.AddWorkflowStep("big", static _ => new DelegateStep(static (_, _) => new(JsonSerializer.SerializeToElement(new string('x', 5_000)))));
}
