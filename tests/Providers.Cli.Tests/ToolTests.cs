using System.Diagnostics;
using System.Text.Json;

namespace Providers.Cli.Tests;

/// <summary>The command line itself: what it ends with, where it speaks, and how it names what is wrong.</summary>
public sealed class ToolTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("memory", "stats")]
    [InlineData("memory", "search", "x", "--sqlite", "a", "--postgres", "Host=b")]
    [InlineData("memory", "stats", "--sqlite", "/none/there.db")]
    [InlineData("memory", "stats", "--postgres", "Nonsense=1")]
    [InlineData("memory", "stats", "--postgres", "Host=x", "--schema", "a b")]
    [InlineData("memory", "nothing")]
    [InlineData("memory", "search")]
    [InlineData("memory", "search", "x", "--top", "many", "--sqlite", "a")]
    public async Task CommandLine_ThatIsWrong_EndsWith2AndSpeaksOnErrorsOnly(params string[] arguments)
    {
        (int code, string output, string errors) = await _shell.RunAsync(arguments);
        code.Should().Be(ExitCode.Wrong);
        output.Should().BeEmpty();
        errors.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Help_SaysTheVerbsAndTheExitCodes()
    {
        (int code, string output, _) = await _shell.RunAsync("--help");
        code.Should().Be(ExitCode.Done);
        output.Should().Contain("memory").And.Contain("Exit codes");
        (await _shell.RunAsync("memory", "--help")).Output.Should().ContainAll("import", "export", "search", "stats", "verify", "reindex", "backup", "restore", "--sqlite", "--postgres", "--json");
    }

    [Fact]
    public async Task Help_SaysWhatEachOptionOfTheStoreIs()
    {
        string help = string.Join(' ', (await _shell.RunAsync("memory", "stats", "--help")).Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        help.Should().ContainAll(
            $"--sqlite <FILE> The SQLite file of the memory. Default: the variable {StoreOptions.SqliteVariable}.",
            $"--postgres <CONNECTION> How the PostgreSQL of the memory is reached, as Npgsql writes it. Default: the variable {StoreOptions.PostgresVariable}, which keeps passwords out",
            "The schema of the memory in PostgreSQL. [default: memory]",
            "Whose memories. [default: default]",
            "Which pot of theirs. [default: default]",
            "Answers in JSON.");
    }

    [Fact]
    public async Task Argument_Unknown_IsNamedWithWhereToLook()
    {
        (int code, _, string errors) = await _shell.RunAsync("memory", "stats", "--colour");
        code.Should().Be(ExitCode.Wrong);
        errors.Should().Contain("--colour").And.Contain("See: providers --help");
    }

    [Fact]
    public async Task Input_ThatIsWrong_IsNamed()
    {
        await ImportAsync("""{"text":"a"}""");
        (int code, _, string errors) = await _shell.SqliteAsync("search", "x", "--top", "1000");
        (code, errors).Should().Be((ExitCode.Wrong, errors));
        errors.Should().Contain("top: is 1000");
        (await _shell.SqliteAsync("stats", "--tenant", "a b")).Errors.Should().Contain("tenant");
    }

    [Fact]
    public async Task Server_Away_EndsWith3()
    {
        (int code, _, string errors) = await _shell.With(StoreOptions.PostgresVariable, "Host=127.0.0.1;Port=1;Password=hunter2;Timeout=2").RunAsync("memory", "stats");
        code.Should().Be(ExitCode.Unavailable);
        errors.Should().Contain("cannot be reached").And.NotContain("hunter2");
    }

    [Fact]
    public async Task File_ThatIsNoMemory_EndsWith3()
    {
        await File.WriteAllTextAsync(_shell.Database, new string('x', 5_000));
        (int code, _, string errors) = await _shell.SqliteAsync("stats");
        code.Should().Be(ExitCode.Unavailable);
        errors.Should().Contain("no memory database");
    }

    [Fact]
    public async Task Cancelled_EndsWith130()
    {
        await ImportAsync("""{"text":"a"}""");
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        (int code, _, string errors) = await _shell.RunAsync("", false, cancelled.Token, "memory", "stats", "--sqlite", _shell.Database);
        (code, errors.Trim()).Should().Be((ExitCode.Cancelled, "Cancelled."));
    }

    [Fact]
    public async Task Search_ForPeopleAndPrograms_SaysTheSame()
    {
        await ImportAsync("""{"id":"a","text":"The ferry to\tMoss \u001b[31mleaves\nat nine","tags":["ferry"]}""", """{"id":"b","text":"Nothing of the kind","kind":"fact"}""");
        (int code, string text, _) = await _shell.SqliteAsync("search", "ferry Moss", "--top", "1");
        code.Should().Be(ExitCode.Done);
        text.Should().EndWith("\n").And.NotContain("\u001b");
        text.TrimEnd().Split('\n').Should().ContainSingle().Which.Should().Contain("\ta\tThe ferry to");
        using JsonDocument json = JsonDocument.Parse((await _shell.SqliteAsync("search", "ferry Moss", "--json", "--tag", "ferry")).Output);
        json.RootElement[0].GetProperty("id").GetString().Should().Be("a");
        json.RootElement.GetArrayLength().Should().Be(1);
        (await _shell.SqliteAsync("search", "kind", "--kind", "fact")).Output.Should().Contain("\tb\t");
        (await _shell.SqliteAsync("search", "ferry", "--namespace", "other")).Output.Should().BeEmpty();
    }

    [Fact]
    public async Task Stats_ForPeopleAndPrograms_SayTheSame()
    {
        await ImportAsync("""{"id":"a","text":"åå","tags":["x"]}""", """{"id":"b","text":"b","archived":"2020-01-01T00:00:00Z"}""");
        (await _shell.SqliteAsync("stats")).Output.Should().Contain("memories\t1\n").And.Contain("text bytes\t4\n").And.Contain("tag x\t1\n").And.Contain("archived\t1\n");
        using JsonDocument json = JsonDocument.Parse((await _shell.SqliteAsync("stats", "--json")).Output);
        (json.RootElement.GetProperty("count").GetInt64(), json.RootElement.GetProperty("by_tag").GetProperty("x").GetInt64()).Should().Be((1, 1));
    }

    [Fact]
    public async Task Process_WithOutputRedirected_GivesPlainLinesAndTheExitCode()
    {
        string file = _shell.File("in.ndjson");
        await File.WriteAllTextAsync(file, "{\"id\":\"a\",\"text\":\"The ferry\"}\n");
        (int code, string output, string errors) = await ChildAsync("memory", "import", file, "--sqlite", _shell.Database);
        (code, output, errors).Should().Be((ExitCode.Done, "imported\t1\nlinks\t0\nerrors\t0\n", ""));
        (code, output, errors) = await ChildAsync("memory", "export", "--sqlite", _shell.Database);
        (code, errors).Should().Be((ExitCode.Done, ""));
        output.Should().StartWith("{\"id\":\"a\"").And.EndWith("}\n");
        (await ChildAsync("memory", "stats")).Code.Should().Be(ExitCode.Wrong);
    }

    private async Task ImportAsync(params string[] lines)
    {
        (int code, _, string errors) = await _shell.RunAsync(string.Join('\n', lines), false, default, "memory", "import", "-", "--sqlite", _shell.Database);
        code.Should().Be(ExitCode.Done, errors);
    }

    private static async Task<(int Code, string Output, string Errors)> ChildAsync(params string[] arguments)
    {
        using Process child = Process.Start(new ProcessStartInfo("dotnet", [Path.Join(AppContext.BaseDirectory, "Providers.Cli.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [StoreOptions.SqliteVariable] = null, [StoreOptions.PostgresVariable] = null },
        })!;
        Task<string> output = child.StandardOutput.ReadToEndAsync(), errors = child.StandardError.ReadToEndAsync();
        await child.WaitForExitAsync();
        return (child.ExitCode, await output, await errors);
    }
}
