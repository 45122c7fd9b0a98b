using System.IO.Compression;
using Microsoft.Data.Sqlite;
using Providers.Memory;
using Providers.Memory.Sqlite;

namespace Providers.Cli.Tests;

/// <summary>Looking a memory through that something has happened to, mending it, and writing that comes to no good end.</summary>
public sealed class MaintenanceTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Verify_SaysNothing_LooksForEveryHundredth()
    {
        await ImportAsync(150);
        (await _shell.SqliteAsync("verify")).Output.Should().Be("memories\t150\nsearched\t2\nproblems\t0\n");
    }

    [Fact]
    public async Task Reindex_OfAnIndexThatIsNotOfTheseMemories_MakesItAgain()
    {
        await ImportAsync(300);
        string index = Directory.GetFiles(_shell.Database + ".vectors", "*.index").Should().ContainSingle("so many have a file").Which;
        byte[] other = new byte[Convert.ToInt32(await ExecuteAsync("SELECT length(value) FROM vector LIMIT 1"), System.Globalization.CultureInfo.InvariantCulture)];
        BitConverter.TryWriteBytes(other, 1f).Should().BeTrue();
        await ExecuteAsync("UPDATE vector SET value = $other", other);
        (int code, string output, string errors) = await _shell.SqliteAsync("verify", "--every", "150");
        (code, output).Should().Be((ExitCode.Damaged, "memories\t300\nsearched\t2\nproblems\t2\n"));
        errors.Should().Contain("not found by its vector. 'reindex' may help.");

        byte[] before = await File.ReadAllBytesAsync(index);
        await using (SqliteMemoryStore held = new(new SqliteMemoryOptions { Path = _shell.Database }))
        {
            (code, _, errors) = await _shell.SqliteAsync("reindex");
            code.Should().Be(ExitCode.Unavailable, errors);
            (await File.ReadAllBytesAsync(index)).Should().Equal(before, "somebody has the memory open");
        }

        (code, output, errors) = await _shell.SqliteAsync("reindex", "--json");
        (code, output).Should().Be((ExitCode.Done, "{\"spaces\":1}\n"), errors);
        (await _shell.SqliteAsync("verify", "--every", "150")).Output.Should().EndWith("problems\t0\n");
    }

    [Fact]
    public async Task Verify_OfADatabaseThatBreaksItsOwnRules_TellsWhatSqliteSays()
    {
        await ImportAsync(3);
        await ExecuteAsync("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'metadata TEXT,', 'metadata TEXT NOT NULL,') WHERE name = 'memory'");
        (int code, _, string errors) = await _shell.SqliteAsync("verify");
        code.Should().Be(ExitCode.Damaged);
        errors.Should().Contain("SQLite: NULL value in memory.metadata");
    }

    [Fact]
    public async Task Export_OfAMemoryThatCannotBeRead_LeavesNoFile()
    {
        await ImportAsync(3);
        await ExecuteAsync("UPDATE memory SET metadata = '{' WHERE id = 'n2'");
        (int code, string output, string errors) = await _shell.SqliteAsync("export", _shell.File("out.ndjson"));
        (code, output).Should().Be((ExitCode.Failed, ""), errors);
        errors.Should().Contain("JsonReaderException");
        Directory.GetFiles(_shell.Folder, "out*").Should().BeEmpty();
    }

    [Fact]
    public async Task Export_WhileAnotherWritesThatFile_LeavesTheOthersAlone()
    {
        await ImportAsync(3);
        await using FileStream other = new(_shell.File("out.ndjson.partial"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None });
        (int code, string output, string errors) = await _shell.SqliteAsync("export", _shell.File("out.ndjson"));
        (code, output).Should().Be((ExitCode.Unavailable, ""), errors);
        File.Exists(other.Name).Should().BeTrue();
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("export")]
    public async Task Memory_WhoseFileIsBroken_EndsWith4(string verb)
    {
        await ImportAsync(300);
        await using (FileStream file = new(_shell.Database, FileMode.Open))
        {
            file.Length.Should().BeGreaterThan(20 * 4_096);
            for (file.Position = 4 * 4_096; file.Position < file.Length;)
            {
                await file.WriteAsync(new byte[] { 0x5A, 0xA5, 0xFF, 0x00 });
            }
        }

        (int code, _, string errors) = await _shell.SqliteAsync(verb);
        code.Should().Be(ExitCode.Damaged, errors);
        errors.Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("import")]
    [InlineData("restore")]
    public async Task File_ThatIsNotThere_IsAWrongCommandLine(string verb)
    {
        (int code, _, string errors) = await _shell.SqliteAsync(verb, _shell.File("nobody.ndjson"));
        code.Should().Be(ExitCode.Wrong);
        errors.Should().Contain("nobody.ndjson");
        File.Exists(_shell.Database).Should().BeFalse();
    }

    [Fact]
    public async Task Export_ToAFile_SaysHowMany()
    {
        await ImportAsync(3);
        (await _shell.SqliteAsync("export", _shell.File("out.ndjson"))).Output.Should().Be("exported\t3\n");
    }

    [Theory]
    [InlineData("other.json", "{}", "lacks 'counts.json'")]
    [InlineData("counts.json", """{"a/b.ndjson":1}""", "lacks 'a/b.ndjson'")]
    [InlineData("counts.json", """{"ab.ndjson":1}""", "names 'ab.ndjson', which is no scope")]
    [InlineData("counts.json", """{"a/b.txt":1}""", "names 'a/b.txt', which is no scope")]
    [InlineData("counts.json", "{", "damaged or was cut off; 0 memories were stored")]
    public async Task Restore_OfAnArchiveOfSomethingElse_SaysWhatIsWrong(string name, string text, string says)
    {
        using (ZipArchive zip = ZipFile.Open(_shell.File("wrong.zip"), ZipArchiveMode.Create))
        {
            await using StreamWriter entry = new(zip.CreateEntry(name).Open());
            await entry.WriteAsync(text);
        }

        (int code, string output, string errors) = await _shell.SqliteAsync("restore", _shell.File("wrong.zip"));
        (code, output).Should().Be((ExitCode.Wrong, ""));
        errors.Should().Contain(says);
    }

    [Fact]
    public async Task Restore_OfMoreMemoriesThanAreCounted_SaysThatItIsDamaged()
    {
        using (ZipArchive zip = ZipFile.Open(_shell.File("wrong.zip"), ZipArchiveMode.Create))
        {
            await using (StreamWriter lines = new(zip.CreateEntry("a/b.ndjson").Open()))
            {
                await lines.WriteAsync("{\"id\":\"a\",\"text\":\"one\"}\n{\"id\":\"b\",\"text\":\"two\"}\n");
            }

            await using StreamWriter counts = new(zip.CreateEntry("counts.json").Open());
            await counts.WriteAsync("""{"a/b.ndjson":1}""");
        }

        (await _shell.SqliteAsync("restore", _shell.File("wrong.zip"))).Errors.Should().Contain("damaged in 'a/b.ndjson', of which 2 memories were stored");
    }

    [Fact]
    public async Task CountingStream_TellsWhatPassesEachWay()
    {
        using MemoryStream inner = new();
        List<long> told = [];
        CountingStream stream = new(inner, told.Add);
        stream.Write("a\nb\n"u8.ToArray(), 0, 4);
        await stream.WriteAsync("c\n"u8.ToArray());
        stream.Flush();
        told.Should().Equal(2, 3);
        (stream.CanRead, stream.CanWrite, stream.CanSeek).Should().Be((true, true, false), "where it stands is nobody's to choose");
        foreach (Action seek in (Action[])[() => stream.Seek(0, SeekOrigin.Begin), () => stream.Position = 0, () => _ = stream.Position, () => _ = stream.Length, () => stream.SetLength(0)])
        {
            seek.Should().Throw<NotSupportedException>();
        }

        inner.Position = 0;
        told.Clear();
        stream = new(inner, told.Add);
        byte[] buffer = new byte[4];
        stream.Read(buffer, 0, 4).Should().Be(4);
        (await stream.ReadAsync(buffer)).Should().Be(2);
        told.Should().Equal(4, 6);
    }

    private async Task ImportAsync(int notes)
    {
        string lines = string.Join('\n', Enumerable.Range(0, notes).Select(static i => $$"""{"id":"n{{i}}","text":"note {{i}} of a ferry to Moss"}"""));
        (int code, _, string errors) = await _shell.RunAsync(lines, false, default, "memory", "import", "-", "--sqlite", _shell.Database);
        code.Should().Be(ExitCode.Done, errors);
    }

    private async Task<object?> ExecuteAsync(string sql, byte[]? other = null)
    {
        await using SqliteConnection connection = new($"Data Source={_shell.Database};Pooling=False");
        await connection.OpenAsync();
        await using SqliteCommand command = new(sql, connection);
        if (other is not null)
        {
            command.Parameters.AddWithValue("$other", other);
        }

        return await command.ExecuteScalarAsync();
    }
}
