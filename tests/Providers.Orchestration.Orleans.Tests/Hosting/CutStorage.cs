using Orleans.Runtime;
using Orleans.Storage;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>A silo's way to the storage, which ends when the silo dies.</summary>
internal sealed class CutStorage(SharedStorage inner, Func<bool> isDead) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Get().ReadStateAsync(stateName, grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Get().WriteStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Get().ClearStateAsync(stateName, grainId, grainState);

    private SharedStorage Get() => isDead() ? throw new IOException("The silo is dead.") : inner;
}
