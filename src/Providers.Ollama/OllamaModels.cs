using OllamaSharp;
using OllamaSharp.Models;
using Providers.Http;

namespace Providers.Ollama;

/// <summary>What the server has, what is loaded, and getting more: OllamaSharp over the guarded connections.</summary>
internal sealed class OllamaModels(OllamaApiClient api, OllamaPlan plan)
{
    private static readonly TimeSpan s_pullPause = TimeSpan.FromMinutes(10); // a large layer is verified in silence
    private volatile string? _default = plan.DefaultModel;

    /// <summary>Gets the default model: the configured one, else the first the server lists, asked once for as long as it is there.</summary>
    public async ValueTask<string> DefaultAsync(CancellationToken cancellationToken)
    {
        if (_default is { } known)
        {
            return known;
        }

        IReadOnlyList<ModelDescriptor> all = await ListAsync(cancellationToken).ConfigureAwait(false);
        return _default = all.Count > 0 ? all[0].Id : throw new ProviderException(
            new ProviderFailure(FailureKind.ModelMissing, "The server has no model. Get one with: ollama pull NAME"), plan.Name);
    }

    /// <summary>Forgets a default that was found and is gone, so that the next request asks anew.</summary>
    public void Forget(string model)
    {
        if (plan.DefaultModel is null && _default == model)
        {
            _default = null;
        }
    }

    /// <summary>Lists the models; those the host declared keep their declaration and come first.</summary>
    public async Task<IReadOnlyList<ModelDescriptor>> ListAsync(CancellationToken cancellationToken)
    {
        IEnumerable<Model> found = await GuardAsync(() => api.ListLocalModelsAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        Dictionary<string, ModelDescriptor> declared = plan.Models.ToDictionary(static m => m.Id, StringComparer.Ordinal);
        return [.. plan.Models, .. found.Where(m => !declared.ContainsKey(m.Name)).Select(static m => new ModelDescriptor(m.Name) { MemoryFootprint = m.Size })];
    }

    public async Task<IReadOnlyList<string>> LoadedAsync(CancellationToken cancellationToken)
    {
        IEnumerable<RunningModel> running = await GuardAsync(() => api.ListRunningModelsAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        return [.. running.Select(static m => m.Name)];
    }

    public Task<string> VersionAsync(CancellationToken cancellationToken) =>
        GuardAsync(() => api.GetVersionAsync(cancellationToken), cancellationToken);

    /// <summary>Pulls a model, telling how far it is in parts of the whole, 0 to 1.</summary>
    public async Task PullAsync(string model, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        string? last = null;
        try
        {
            await foreach (PullModelResponse? step in CallScope.StreamAsync(api.PullModelAsync(new PullModelRequest { Model = model }, cancellationToken), null, s_pullPause, cancellationToken).ConfigureAwait(false))
            {
                last = step?.Status ?? last;
                if (step is { Total: > 0 })
                {
                    progress?.Report(step.Percent / 100);
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new ProviderException(FailureClassifier.Classify(e, null, cancellationToken), plan.Name, model, e);
        }

        if (last != "success")
        {
            throw new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, $"The pull of '{model}' ended before its success; the last state was '{last}'."), plan.Name, model);
        }
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await CallScope.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (ProviderException or OperationCanceledException))
        {
            throw new ProviderException(FailureClassifier.Classify(e, null, cancellationToken), plan.Name, null, e);
        }
    }
}
