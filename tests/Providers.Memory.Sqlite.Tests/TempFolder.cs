namespace Providers.Memory.Sqlite.Tests;

/// <summary>A folder of a test's own; the system clears it away.</summary>
internal sealed class TempFolder
{
    public string Path { get; } = Directory.CreateTempSubdirectory("memory-").FullName;

    public string File(string name) => System.IO.Path.Join(Path, name);
}
