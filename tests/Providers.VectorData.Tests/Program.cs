using System.Text;

namespace Providers.VectorData.Tests;

internal static class Program
{
    public static StorageSettings Settings { get; } = new(FlushToDisk: false, CheckpointEvery: 20, CompactFrom: 4_000);

    public static VectorStoreCollectionDefinition Definition { get; } = new()
    {
        Properties =
        [
            new VectorStoreKeyProperty("Key", typeof(int)),
            new VectorStoreDataProperty("Number", typeof(int)),
            new VectorStoreVectorProperty("Vector", typeof(ReadOnlyMemory<float>), 4) { IndexKind = IndexKind.Hnsw },
        ],
    };

    public static ReadOnlyMemory<float> Vector(int i) => new float[] { 1, i % 7, i % 11, i % 13 };

    /// <summary>The runner's own way in, or the child that will be killed.</summary>
    public static Task<int> Main(string[] args) => args is ["kill-child", var folder, var from] ? ChildAsync(folder, int.Parse(from)) : Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);

    private static async Task<int> ChildAsync(string folder, int from)
    {
        using var store = new ProvidersVectorStore(Lease.Of(new VectorDatabase(folder, Settings)), null);
        VectorStoreCollection<object, Dictionary<string, object?>> notes = store.GetDynamicCollection("notes", Definition);
        await notes.EnsureCollectionExistsAsync();
        await using Stream output = Console.OpenStandardOutput();
        for (int i = from; ; i++)
        {
            await notes.UpsertAsync([Note(2 * i, i), Note((2 * i) + 1, i), Note(0, i)]);
            await output.WriteAsync(Encoding.ASCII.GetBytes(i + "\n"));
        }
    }

    private static Dictionary<string, object?> Note(int key, int number) => new() { ["Key"] = key, ["Number"] = number, ["Vector"] = Vector(key) };
}
