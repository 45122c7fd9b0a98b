using Microsoft.Extensions.VectorData;
using Providers.VectorData;

namespace Providers.Fuzz.Targets;

/// <summary>The only truth of a durable vector store.</summary>
internal sealed class RecordLogs : FuzzTarget
{
    private static readonly VectorStoreCollectionDefinition Definition = new()
    {
        Properties = [new VectorStoreKeyProperty("Key", typeof(int)), new VectorStoreDataProperty("Text", typeof(string)), new VectorStoreVectorProperty("Vector", typeof(ReadOnlyMemory<float>), 3)],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("fuzz-records-").FullName;
    private readonly Lazy<byte[]> _log;

    public RecordLogs() => _log = new(() => MakeAsync().GetAwaiter().GetResult());

    public override string Name => "record-log";

    public override IReadOnlyList<byte[]> Seeds => [_log.Value];

    public override async Task<bool> ReadAsync(byte[] input)
    {
        string folder = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "notes"));
            await File.WriteAllBytesAsync(Path.Combine(folder, "notes", "records.log"), input);
            using ProvidersVectorStore store = new(new ProvidersVectorStoreOptions { Folder = folder });
            VectorStoreCollection<object, Dictionary<string, object?>> notes = store.GetDynamicCollection("notes", Definition);
            await notes.EnsureCollectionExistsAsync();
            int count = await notes.GetAsync(static n => true, 1_000).CountAsync();
            int found = await notes.SearchAsync(new ReadOnlyMemory<float>([1, 0, 0]), 1_000).CountAsync();
            found.Should().BeLessThanOrEqualTo(count);
            return true;
        }
        catch (Exception e) when (e is VectorStoreException or IOException)
        {
            return false;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<byte[]> MakeAsync()
    {
        string folder = Path.Combine(_folder, "seed");
        using (ProvidersVectorStore store = new(new ProvidersVectorStoreOptions { Folder = folder }))
        {
            VectorStoreCollection<object, Dictionary<string, object?>> notes = store.GetDynamicCollection("notes", Definition);
            await notes.EnsureCollectionExistsAsync();
            for (int i = 0; i < 12; i++)
            {
                await notes.UpsertAsync(new Dictionary<string, object?> { ["Key"] = i, ["Text"] = $"text {i}", ["Vector"] = new ReadOnlyMemory<float>([1, i, 2 * i]) });
            }

            await notes.DeleteAsync(3);
        }

        return await File.ReadAllBytesAsync(Path.Combine(folder, "notes", "records.log"));
    }
}
