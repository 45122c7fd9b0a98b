namespace Providers.Mcp.Tests.Support;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TempFolder : IAsyncDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("mcp").FullName;

    public string File(string name) => System.IO.Path.Combine(_path, name);

    public ValueTask DisposeAsync()
    {
        try
        {
            Directory.Delete(_path, true);
        }
        catch (IOException)
        {
            // a child that is just ending may still hold it
        }

        return default;
    }
}
