using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

namespace Providers.Orchestration.Orleans;

/// <summary>Says at the start of a silo what workflows lack in it.</summary>
internal sealed class SiloCheck(IServiceProvider services) : IConfigurationValidator
{
    public void ValidateConfiguration()
    {
        if (services.GetKeyedService<IGrainStorage>(OrleansWorkflowOptions.StorageName) is null)
        {
            throw new OrleansConfigurationException($"Workflows have no grain storage: there is none by the name '{OrleansWorkflowOptions.StorageName}'. Call AddPostgresWorkflowStorage, or add any storage of Orleans by that name.");
        }

        if (services.GetService<IReminderTable>() is null)
        {
            throw new OrleansConfigurationException("Workflows have no reminders, so none would go on after its silo died. Call AddPostgresWorkflowStorage, or add any reminder service of Orleans.");
        }
    }
}
