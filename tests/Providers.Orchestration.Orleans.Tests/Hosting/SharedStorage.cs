using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>A grain storage in memory that outlives every silo, as a database does.</summary>
internal sealed class SharedStorage : IGrainStorage
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, GrainId Grain), (string Json, int Version)> _documents = [];

    /// <summary>Gets or sets what the storage refuses, by document, grain and whether it is a write; <see langword="null"/>: nothing.</summary>
    public Func<string, GrainId, bool, bool>? Refuses { get; set; }

    /// <summary>Gets or sets what happens after a write got through: throws, so that its answer does not.</summary>
    public Action<string>? After { get; set; }

    /// <summary>Gets the names of all documents, of whichever grain.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_lock)
            {
                return [.. _documents.Keys.Select(static k => k.Name).Order(StringComparer.Ordinal)];
            }
        }
    }

    public void Remove(string name)
    {
        lock (_lock)
        {
            _documents.Remove(_documents.Keys.Single(k => k.Name == name));
        }
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Refuse(stateName, grainId, writes: false);
        lock (_lock)
        {
            bool there = _documents.TryGetValue((stateName, grainId), out (string Json, int Version) found);
            grainState.State = (T)(object)new Document { Json = there ? found.Json : null };
            grainState.ETag = there ? Tag(found.Version) : null;
            grainState.RecordExists = there;
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Refuse(stateName, grainId, writes: true);
        lock (_lock)
        {
            int version = Check(stateName, grainId, grainState.ETag) + 1;
            _documents[(stateName, grainId)] = (((Document)(object)grainState.State!).Json!, version);
            grainState.ETag = Tag(version);
            grainState.RecordExists = true;
        }

        After?.Invoke(stateName);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Refuse(stateName, grainId, writes: true);
        lock (_lock)
        {
            Check(stateName, grainId, grainState.ETag);
            _documents.Remove((stateName, grainId));
        }

        return Task.CompletedTask;
    }

    private void Refuse(string name, GrainId grain, bool writes)
    {
        if (Refuses?.Invoke(name, grain, writes) is true)
        {
            throw new IOException("The disk is full.");
        }
    }

    private static string Tag(int version) => version.ToString(CultureInfo.InvariantCulture);

    private int Check(string name, GrainId grain, string? etag)
    {
        int version = _documents.TryGetValue((name, grain), out (string Json, int Version) found) ? found.Version : 0;
        if ((version == 0 ? null : Tag(version)) != etag)
        {
            throw new InconsistentStateException($"{name} of {grain} is at {version}, not {etag}.", Tag(version), etag);
        }

        return version;
    }
}
