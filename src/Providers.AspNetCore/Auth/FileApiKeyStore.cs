using System.Collections.Concurrent;
using System.Text.Json;

namespace Providers.AspNetCore.Auth;

/// <summary>Keeps keys in a JSON file, replaced whole at each change; without a file, in memory.</summary>
internal sealed class FileApiKeyStore : IApiKeyStore, IDisposable
{
    private readonly string? _path;
    private readonly ConcurrentDictionary<string, ApiKey> _keys = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <exception cref="InvalidDataException">The file is there, and holds something else than keys.</exception>
    public FileApiKeyStore(string? path)
    {
        _path = path is null ? null : Path.GetFullPath(path);
        if (_path is not null && File.Exists(_path))
        {
            foreach (ApiKey key in Read(_path))
            {
                _keys[key.Id] = key;
            }
        }
    }

    public ApiKey? Find(string id) => _keys.GetValueOrDefault(id);

    public IReadOnlyList<ApiKey> List() => [.. _keys.Values.OrderBy(static k => k.Created).ThenBy(static k => k.Id, StringComparer.Ordinal)];

    public async ValueTask SaveAsync(ApiKey key, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_path is not null)
            {
                ApiKey[] all = [.. List().Where(k => k.Id != key.Id), key];
                await WriteAsync(_path, all, cancellationToken).ConfigureAwait(false);
            }

            _keys[key.Id] = key;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private static ApiKey[] Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), KeyFileJson.Default.ApiKeyArray) ?? [];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The key file '{path}' does not hold API keys (line {e.LineNumber + 1}). Restore it, or move it away to start without keys.", e);
        }
    }

    private static async Task WriteAsync(string path, ApiKey[] keys, CancellationToken cancellationToken)
    {
        string fresh = path + ".new";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.WriteThrough };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        FileStream file = new(fresh, options);
        await using (file.ConfigureAwait(false))
        {
            await JsonSerializer.SerializeAsync(file, keys, KeyFileJson.Default.ApiKeyArray, cancellationToken).ConfigureAwait(false);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
