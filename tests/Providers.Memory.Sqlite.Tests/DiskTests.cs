using System.Diagnostics;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>Gate G10, for real: a process whose files may not grow past a limit writes until it cannot; what it acknowledged is there, and it can still read.</summary>
public sealed class DiskTests
{
    private static readonly MemoryScope Scope = new("acme");

    [Theory]
    [InlineData(300)]
    [InlineData(333)]
    [InlineData(600)]
    public async Task Store_WhoseFilesMayNotGrow_KeepsWhatItAcknowledged(int kibibytes)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // no such limit there
        }

        string path = new TempFolder().File("memory.db");
        using Process child = Process.Start(new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", $"trap '' XFSZ; ulimit -f {kibibytes * 2}; exec \"$0\"", Environment.ProcessPath! }, // in units of 512 bytes, as POSIX has it
            Environment = { ["MEMORY_LIMIT_CHILD"] = path, ["DOTNET_TieredPGO"] = "0", ["DOTNET_EnableDiagnostics"] = "0", ["DOTNET_EnableWriteXorExecute"] = "0" },
            RedirectStandardOutput = true,
        })!;
        string[] said = (await child.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await child.WaitForExitAsync();
        said.Should().Contain(static l => l.StartsWith("failed")).And.Contain("read on");
        int acknowledged = said.Count(static l => l is ['n', .., '.']);
        acknowledged.Should().BeGreaterThan(2);
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path });
        for (int i = 0; i < acknowledged; i++)
        {
            (await store.GetAsync(Scope, $"n{i}")).Should().NotBeNull("{0} was acknowledged", i);
        }

        (await store.VerifyAsync()).Should().BeEmpty();
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Text = "there is room again" })]));
    }
}
