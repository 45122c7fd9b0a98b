using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;
using Providers.Memory.Sqlite;

namespace Providers.Operations.Tests;

/// <summary>A memory in a SQLite file, as a host would add it, whose model goes away and whose database breaks on cue.</summary>
internal sealed class OpsMemory : IAsyncDisposable
{
    public static readonly MemoryScope Scope = new("acme", "notes");
    private readonly string _folder = Directory.CreateTempSubdirectory("ops-memory-").FullName;
    private readonly ServiceProvider _services;

    /// <param name="clock">The clock of the host; <see langword="null"/>: the system's.</param>
    public OpsMemory(TimeProvider? clock = null)
    {
        ServiceCollection services = new();
        services.AddSingleton(clock ?? TimeProvider.System);
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(Model);
        services.AddMemory().AddSqliteMemory(File).AddMemoryUpkeep();
        _services = services.BuildServiceProvider();
    }

    public CueEmbedder Model { get; } = new();

    public IMemoryService Service => _services.GetRequiredService<IMemoryService>();

    public IMemoryStore Store => Service.Store;

    public MemoryUpkeep Upkeep => _services.GetRequiredService<MemoryUpkeep>();

    private string File => Path.Combine(_folder, "memory.db");

    /// <summary>Stores memories past the service, so that they have no vector, as an import may.</summary>
    public async Task ImportAsync(int count) => await Store.ExecuteAsync(new MemoryTransaction(
        Scope, [.. Enumerable.Range(0, count).Select(static i => new MemoryUpsert(new MemoryRecord { Id = Guid.NewGuid().ToString("N"), Text = $"imported note {i}" }))]));

    /// <summary>Tries to store a memory.</summary>
    /// <returns>Whether it is stored.</returns>
    public async Task<bool> TryWriteAsync(string? space = null, float[]? vector = null)
    {
        try
        {
            await Store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = Guid.NewGuid().ToString("N"), Text = "a note", Vector = vector is null ? (ReadOnlyMemory<float>?)null : new ReadOnlyMemory<float>(vector), VectorSpace = space })]));
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return false; // what became of it is for the metrics to say
        }
    }

    /// <summary>Breaks the database for whoever writes, or mends it.</summary>
    public void Break(bool broken)
    {
        using SqliteConnection connection = new($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = broken ? "CREATE TRIGGER broken BEFORE INSERT ON memory BEGIN SELECT RAISE(ABORT, 'broken on cue'); END" : "DROP TRIGGER broken";
        command.ExecuteNonQuery();
    }

    public Task BackUpAsync() => ((SqliteMemoryStore)Store).BackupAsync(Path.Combine(_folder, "backup.db"));

    /// <summary>Makes everything happen once that a metric tells of.</summary>
    public async Task ExerciseAsync()
    {
        await Service.StoreAsync(Scope, new MemoryRecord { Id = "fence", Text = "the fence was painted green" });
        await Service.SearchAsync(Scope, new MemoryQuery { Text = "fence" });
        await Store.EraseAsync(Scope, new MemoryFilter { Ids = ["none"] });
        await Upkeep.RunAsync();
        await BackUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
