using System.Text;
using Microsoft.Data.Sqlite;
using Providers.Memory.Postgres.Tests;

namespace Providers.Cli.Tests;

/// <summary>What goes in comes out: lines, copies, archives; and what is wrong in them is said by line.</summary>
public sealed class TransferTests : IDisposable
{
    private const string Whole =
        """{"id":"a","kind":"fact","text":"Oslo \ud83c\udf0d","tags":["x","y"],"metadata":{"n":1e308,"d":0.1},"importance":0.75,"provenance":{"source":"user","actor":"me","evidence":["file:///a"],"trust":0.25},"created":"2020-01-02T03:04:05+00:00","updated":"2021-01-02T03:04:05+00:00","expires":"2999-01-01T00:00:00+00:00","archived":"2022-01-01T00:00:00+00:00","version":1,"vector_space":"s","vector":"AACAPwAAAAA="}""";

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Export_OfAnImport_IsTheSameLine()
    {
        (await ImportAsync(Whole + "\n")).Code.Should().Be(ExitCode.Done);
        string once = (await _shell.SqliteAsync("export")).Output;
        once.Should().Contain("\"created\":\"2020-01-02T03:04:05.0000000Z\"").And.Contain("\"updated\":\"2021-01-02T03:04:05.0000000Z\"").And.Contain("\"metadata\":{\"n\":1e308,\"d\":0.1}").And.Contain("\"vector\":\"AACAPwAAAAA=\"");
        (int code, string output, _) = await _shell.SqliteAsync("export", _shell.File("out.ndjson"), "--json");
        (code, output).Should().Be((ExitCode.Done, "{\"exported\":1}\n"));
        (await File.ReadAllTextAsync(_shell.File("out.ndjson"))).Should().Be(once);
        (await _shell.SqliteAsync("export", _shell.File("out.ndjson"))).Code.Should().Be(ExitCode.Wrong, "nothing is written over a file");
        await _shell.RunAsync("memory", "import", _shell.File("out.ndjson"), "--sqlite", _shell.File("second.db"));
        (await _shell.RunAsync("memory", "export", "--sqlite", _shell.File("second.db"))).Output.Should().Be(once);
    }

    [Fact]
    public async Task Import_WithWrongLines_NamesThemAndStoresTheOthers()
    {
        string[] lines =
        [
            """{"id":"a","text":"one"}""", "not json", """{"id":"b","text":""}""", "", """{"id":"c","txt":"typo"}""", """{"id":"d","text":"two","links":[{"relation":"References","to":"a"}]}""", """{"text":7}""",
        ];
        (int code, string output, string errors) = await ImportAsync(string.Join('\n', lines));
        code.Should().Be(ExitCode.Wrong);
        output.Should().Be("imported\t2\nlinks\t1\nerrors\t4\n");
        errors.Should().ContainAll("Line 2:", "Line 3:", "Line 5:", "'txt'", "Line 7:");
        (await _shell.SqliteAsync("stats")).Output.Should().Contain("memories\t2").And.Contain("links\t1");
        (code, output, errors) = await _shell.RunAsync("x\n{\"text\":\"good\"}", false, default, "memory", "import", "-", "--sqlite", _shell.Database, "--max-errors", "0", "--json");
        (code, output).Should().Be((ExitCode.Wrong, "{\"imported\":0,\"links\":0,\"errors\":1,\"next_line\":1,\"completed\":false}\n"));
        errors.Should().Contain("--from-line 1");
    }

    [Fact]
    public async Task Import_Repeated_StoresNothingTwice()
    {
        string lines = string.Join('\n', Enumerable.Range(0, 1_300).Select(static i => $$"""{"id":"n{{i}}","text":"note {{i}}"}"""));
        await ImportAsync(lines);
        (await _shell.RunAsync(lines, true, default, "memory", "import", "-", "--sqlite", _shell.Database, "--from-line", "1001", "--json")).Output.Should().StartWith("{\"imported\":300,");
        (await _shell.SqliteAsync("stats")).Output.Should().Contain("memories\t1300");
    }

    [Fact]
    public async Task Import_CutOff_SaysWhereToGoOn()
    {
        using CancellationTokenSource stop = new();
        await using Stream lines = new Endless(stop);
        await using StringWriter errors = new();
        int code = await new Tool(new Terminal(() => lines, () => Stream.Null, errors, false), static _ => null).RunAsync(["memory", "import", "-", "--sqlite", _shell.Database], stop.Token);
        code.Should().Be(ExitCode.Cancelled);
        string said = errors.ToString();
        said.Should().MatchRegex(@"go on with --from-line \d+");
        long stored = long.Parse((await _shell.SqliteAsync("stats")).Output.Split('\n')[1].Split('\t')[1]), next = long.Parse(System.Text.RegularExpressions.Regex.Match(said, @"--from-line (\d+)").Groups[1].Value);
        next.Should().BeInRange(2, stored + 1);
    }

    [Fact]
    public async Task Backup_OfSqlite_RestoresToTheSame()
    {
        await ImportAsync(Whole + "\n{\"id\":\"b\",\"text\":\"b\"}");
        string export = (await _shell.SqliteAsync("export")).Output;
        (await _shell.SqliteAsync("backup", _shell.File("copy.db"))).Code.Should().Be(ExitCode.Done);
        (await _shell.SqliteAsync("backup", _shell.File("all.zip"), "--archive", "--json")).Output.Should().Contain("\"bytes\":");
        foreach ((string backup, string target) in ((string, string)[])[("copy.db", "one.db"), ("all.zip", "two.db")])
        {
            (int code, string output, string errors) = await _shell.RunAsync("", true, default, "memory", "restore", _shell.File(backup), "--sqlite", _shell.File(target), "--json");
            (code, output).Should().Be((ExitCode.Done, "{\"restored\":2}\n"), errors);
            (await _shell.RunAsync("memory", "export", "--sqlite", _shell.File(target))).Output.Should().Be(export);
            (await _shell.RunAsync("memory", "restore", _shell.File(backup), "--sqlite", _shell.File(target))).Code.Should().Be(ExitCode.Wrong, "nothing is restored over a memory");
        }
    }

    [Fact]
    public async Task Archive_DamagedOrCutOff_IsRefused()
    {
        await ImportAsync(string.Join('\n', Enumerable.Range(0, 700).Select(static i => $$"""{"id":"n{{i}}","text":"note {{i}}"}""")));
        await _shell.SqliteAsync("backup", _shell.File("all.zip"), "--archive");
        byte[] bytes = await File.ReadAllBytesAsync(_shell.File("all.zip"));
        byte[] flipped = [.. bytes];
        flipped[bytes.Length / 2] ^= 0x55;
        int target = 0;
        foreach ((byte[] wrong, string says) in ((byte[], string)[])[(bytes[..(bytes.Length / 2)], "archive"), (flipped, "archive"), (Encoding.ASCII.GetBytes("nothing of the sort"), "no backup"), ([], "no backup")])
        {
            await File.WriteAllBytesAsync(_shell.File("wrong.zip"), wrong);
            (int code, _, string errors) = await _shell.RunAsync("memory", "restore", _shell.File("wrong.zip"), "--sqlite", _shell.File($"r{target++}.db"));
            (code, errors).Should().Be((ExitCode.Wrong, errors));
            errors.Should().Contain(says);
        }

        await _shell.SqliteAsync("backup", _shell.File("copy.db"));
        (await _shell.RunAsync("memory", "restore", _shell.File("copy.db"), "--postgres", "Host=127.0.0.1;Port=1")).Errors.Should().Contain("--archive");
    }

    [Fact]
    public async Task Verify_AndReindex_SayWhatTheyDid()
    {
        await ImportAsync(string.Join('\n', Enumerable.Range(0, 30).Select(static i => $$"""{"id":"n{{i}}","text":"note {{i}} of a ferry"}""")));
        (await _shell.SqliteAsync("verify", "--every", "10")).Output.Should().Be("memories\t30\nsearched\t3\nproblems\t0\n");
        (await _shell.RunAsync("", true, default, "memory", "reindex", "--sqlite", _shell.Database)).Output.Should().Be("spaces\t1\n");
        (await _shell.SqliteAsync("verify", "--every", "1", "--json")).Output.Should().Be("{\"memories\":30,\"searched\":30,\"problems\":0}\n");
        using (SqliteConnection connection = new($"Data Source={_shell.Database};Pooling=False"))
        {
            await connection.OpenAsync();
            using SqliteCommand command = new("INSERT INTO words (words) VALUES ('delete-all')", connection);
            await command.ExecuteNonQueryAsync();
        }

        string stats = (await _shell.SqliteAsync("stats", "--json")).Output;
        (int code, _, string errors) = await _shell.SqliteAsync("verify", "--every", "1");
        code.Should().Be(ExitCode.Damaged);
        errors.Should().Contain("not found by its words. 'reindex' may help.");
        (await _shell.SqliteAsync("reindex")).Output.Should().Be("spaces\t1\n");
        (await _shell.SqliteAsync("verify", "--every", "1")).Output.Should().EndWith("problems\t0\n", "it did");
        (await _shell.SqliteAsync("stats", "--json")).Output.Should().Be(stats, "reindexing changes no memory");
    }

    [Fact]
    public async Task Postgres_TakesAnArchiveOfSqlite()
    {
        Assert.SkipWhen(Cluster.Missing is not null, Cluster.Missing ?? "");
        await using Cluster cluster = await Cluster.StartAsync();
        await ImportAsync(Whole + "\n" + string.Join('\n', Enumerable.Range(0, 600).Select(static i => $$"""{"id":"n{{i}}","text":"note {{i}}"}""")));
        await _shell.SqliteAsync("backup", _shell.File("all.zip"), "--archive");
        _shell.With(StoreOptions.PostgresVariable, cluster.Owner);
        (await _shell.RunAsync("memory", "restore", _shell.File("all.zip"))).Output.Should().Be("restored\t601\n");
        (await _shell.RunAsync("memory", "export")).Output.Should().Be((await _shell.SqliteAsync("export")).Output);
        (await _shell.RunAsync("memory", "verify", "--every", "50")).Output.Should().EndWith("problems\t0\n");
        (await _shell.RunAsync("memory", "reindex")).Code.Should().Be(ExitCode.Done);
        (await _shell.RunAsync("memory", "backup", _shell.File("back.zip"))).Code.Should().Be(ExitCode.Done);
        (await _shell.RunAsync("memory", "restore", _shell.File("back.zip"))).Errors.Should().Contain("holds 601 memories");
        (await _shell.RunAsync("memory", "search", "note 77", "--top", "1")).Output.Should().Contain("\tn77\t");
    }

    private Task<(int Code, string Output, string Errors)> ImportAsync(string lines) => _shell.RunAsync(lines, false, default, "memory", "import", "-", "--sqlite", _shell.Database);

    /// <summary>Lines without end; after 700 the reader is cancelled.</summary>
    private sealed class Endless(CancellationTokenSource stop) : Stream
    {
        private int _line;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (++_line == 700)
            {
                stop.Cancel();
            }

            return Encoding.UTF8.GetBytes($"{{\"text\":\"note {_line}\"}}\n", buffer.AsSpan(offset, count));
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
