using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;
using Providers.Memory.Sqlite;

namespace Providers.Cli;

/// <summary>Copies a whole memory into a file.</summary>
internal sealed class BackupVerb(Terminal terminal, StoreOptions store)
{
    private readonly Argument<string> _file = new("file") { Description = "The file to write, which must not exist." };
    private readonly Option<bool> _archive = new("--archive") { Description = "Of SQLite too an archive, which any memory can be restored from, instead of a copy of the database." };

    public Command Build()
    {
        Command verb = new("backup", "Copies a whole memory, all tenants, while it is in use. Of SQLite a copy of the database; of PostgreSQL an archive of its memories and links without earlier versions (for these use pg_dump).") { _file, _archive };
        verb.SetAction(RunAsync);
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string file = parse.GetValue(_file)!;
        ServiceProvider services = store.Open(parse, create: false);
        await using (services.ConfigureAwait(false))
        {
            IMemoryService memory = services.GetRequiredService<IMemoryService>();
            if (memory.Store is SqliteMemoryStore sqlite && !parse.GetValue(_archive))
            {
                await terminal.ProgressAsync<int>("Copying", async _ =>
                {
                    await sqlite.BackupAsync(file, cancellationToken).ConfigureAwait(false);
                    return 0;
                }).ConfigureAwait(false);
            }
            else
            {
                await PartialFile.WriteAsync(file, output => terminal.ProgressAsync("Archiving", progress => Archive.WriteAsync(memory, output, progress, cancellationToken))).ConfigureAwait(false);
            }

            long bytes = new FileInfo(file).Length;
            await terminal.WriteAsync(
                store.Json(parse),
                writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("file", Path.GetFullPath(file));
                    writer.WriteNumber("bytes", bytes);
                    writer.WriteEndObject();
                },
                () => [$"file\t{Path.GetFullPath(file)}", $"bytes\t{bytes}"]).ConfigureAwait(false);
            return ExitCode.Done;
        }
    }
}
