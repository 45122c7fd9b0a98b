using Microsoft.Extensions.Logging;
using Providers.Telemetry;

namespace Providers.Plans;

/// <summary>Disposes a provider, however it wants it; an error is logged, not thrown.</summary>
internal static class ProviderDisposal
{
    public static async Task DisposeAsync(IModelProvider provider, ILogger log)
    {
        try
        {
            if (provider is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync().ConfigureAwait(false);
            }
            else if (provider is IDisposable disposable)
            {
                disposable.Dispose();
            }
        }
        catch (Exception e)
        {
            log.DisposeFailed(provider.Descriptor.Name, e);
        }
    }
}
