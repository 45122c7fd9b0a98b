namespace Providers.Cli;

/// <summary>A file that has its name only when it is whole, and is its owner's alone.</summary>
internal static class PartialFile
{
    /// <exception cref="UsageException">The file exists.</exception>
    public static async Task<T> WriteAsync<T>(string path, Func<Stream, Task<T>> write)
    {
        if (File.Exists(path))
        {
            throw new UsageException($"'{path}' exists; nothing is written over a file.");
        }

        string partial = path + ".partial";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 65_536 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        FileStream stream = new(partial, options); // where somebody else writes it at this moment, it is not ours to delete
        try
        {
            T result;
            await using (stream.ConfigureAwait(false))
            {
                result = await write(stream).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: false);
            return result;
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }
}
