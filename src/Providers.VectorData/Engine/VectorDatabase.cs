namespace Providers.VectorData;

/// <summary>Collections by name, in a folder or in memory. Stores share one and count how many they are.</summary>
internal sealed class VectorDatabase : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string? _folder;
    private readonly StorageSettings _settings;
    private readonly FileStream? _lockFile;
    private volatile Dictionary<string, CollectionData> _open = new(StringComparer.Ordinal);
    private bool _closed;

    /// <exception cref="IOException">Another process has the folder.</exception>
    public VectorDatabase(string? folder, StorageSettings settings)
    {
        (_folder, _settings) = (folder, settings);
        if (folder is null)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        _lockFile = Lock(folder);
        try
        {
            foreach (string deleted in Directory.GetDirectories(folder, ".deleted*"))
            {
                Directory.Delete(deleted, recursive: true);
            }
        }
        catch
        {
            _lockFile.Dispose();
            throw;
        }
    }

    public string? Folder => _folder;

    public long DroppedLogBytes => _open.Values.Sum(static c => c.DroppedLogBytes);

    public IReadOnlyList<string> Names()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return _folder is null
                ? [.. _open.Keys.Order(StringComparer.Ordinal)]
                : [.. Directory.GetDirectories(_folder).Where(static d => File.Exists(CollectionData.LogPath(d)))
                    .Select(static d => FolderNames.Decode(Path.GetFileName(d))).OfType<string>().Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>The collection, opened if it is there, or null.</summary>
    public CollectionData? Find(string name)
    {
        if (_open.TryGetValue(name, out CollectionData? open))
        {
            return open;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_open.TryGetValue(name, out open) || _folder is null)
            {
                return open;
            }

            string folder = FolderOf(name)!;
            return File.Exists(CollectionData.LogPath(folder)) ? Keep(name, CollectionData.Open(folder, _settings)) : null;
        }
    }

    public CollectionData FindOrCreate(string name, Func<CollectionSchema> schema)
    {
        lock (_gate)
        {
            return Find(name) ?? Keep(name, CollectionData.Create(schema(), FolderOf(name), _settings));
        }
    }

    public void Delete(string name)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_open.TryGetValue(name, out CollectionData? open))
            {
                _open = new Dictionary<string, CollectionData>(_open.Where(o => o.Key != name), StringComparer.Ordinal);
                open.Close(checkpoint: false);
            }

            string? folder = FolderOf(name);
            if (Directory.Exists(folder))
            {
                // By a rename it is gone at once, however long the files take.
                string deleted = Path.Combine(_folder!, $".deleted-{Guid.NewGuid():n}");
                Directory.Move(folder, deleted);
                Directory.Delete(deleted, recursive: true);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            foreach (CollectionData collection in _open.Values)
            {
                collection.Dispose();
            }

            _open = new(StringComparer.Ordinal);
            _lockFile?.Dispose();
        }
    }

    private static FileStream Lock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"The folder '{folder}' is in use by another process; one process at a time may open it.", e);
        }
    }

    private string? FolderOf(string name) => _folder is null ? null : Path.Combine(_folder, FolderNames.Encode(name));

    private CollectionData Keep(string name, CollectionData data)
    {
        _open = new Dictionary<string, CollectionData>(_open, StringComparer.Ordinal) { [name] = data };
        return data;
    }
}
