using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Providers.AspNetCore.Auth;

/// <summary>The file of API keys: read whole, replaced whole, by one process at a time.</summary>
internal sealed class KeyFile(string path)
{
    private const int Tries = 500;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly string _path = Path.GetFullPath(path);

    /// <summary>Says by what a change of the file is noticed.</summary>
    /// <returns><see langword="null"/>: there is no file.</returns>
    public (DateTime Changed, long Length)? Stamp()
    {
        try
        {
            // Through an open file, which a chain of links leads to: an orchestrator changes a mounted secret by turning a link.
            using SafeFileHandle file = File.OpenHandle(_path, share: FileShare.ReadWrite | FileShare.Delete);
            return (File.GetLastWriteTimeUtc(file), RandomAccess.GetLength(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <exception cref="InvalidDataException">The file holds something else than keys.</exception>
    public ApiKey[] Read()
    {
        try
        {
            ApiKey[] keys = JsonSerializer.Deserialize(File.ReadAllBytes(_path), KeyFileJson.Default.ApiKeyArray) ?? [];
            return Array.Exists(keys, static k => k is null) || keys.DistinctBy(static k => k.Id).Count() < keys.Length
                ? throw Wrong("an entry that is null, or two with one id", null)
                : keys;
        }
        catch (JsonException e)
        {
            throw Wrong($"line {e.LineNumber + 1}", e);
        }
    }

    /// <summary>Keeps other processes from changing the file until what is returned is disposed.</summary>
    /// <exception cref="IOException">Another process kept it for ten seconds.</exception>
    public async ValueTask<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        for (int i = 1; ; i++)
        {
            try
            {
                return new FileStream(_path + ".lock", Private(FileMode.OpenOrCreate));
            }
            catch (IOException) when (i < Tries)
            {
                await Task.Delay(s_pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async Task WriteAsync(ApiKey[] keys, CancellationToken cancellationToken)
    {
        string fresh = _path + ".new";
        FileStream file = new(fresh, Private(FileMode.Create));
        await using (file.ConfigureAwait(false))
        {
            await JsonSerializer.SerializeAsync(file, keys, KeyFileJson.Default.ApiKeyArray, cancellationToken).ConfigureAwait(false);
        }

        File.Move(fresh, _path, overwrite: true);
    }

    private static FileStreamOptions Private(FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, Share = FileShare.None, Options = FileOptions.WriteThrough };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private InvalidDataException Wrong(string where, Exception? e) =>
        new($"The key file '{_path}' does not hold API keys ({where}). Restore it, or move it away to start without keys.", e);
}
