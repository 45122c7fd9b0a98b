using Providers.Conformance;

namespace Providers.Memory.Sqlite.Tests;

public sealed class SqliteConformanceTests : StoreConformance
{
    private readonly TempFolder _folder = new();

    protected override bool IsDurable => true;

    protected override ValueTask<IMemoryStore> OpenAsync(TimeProvider clock) => new(new SqliteMemoryStore(new SqliteMemoryOptions { Path = _folder.File("memory.db") }, null, clock));

    protected override async ValueTask CloseAsync(IMemoryStore store) => await ((SqliteMemoryStore)store).DisposeAsync();
}
