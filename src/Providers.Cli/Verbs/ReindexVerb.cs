using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;
using Providers.Memory.Postgres;
using Providers.Memory.Sqlite;

namespace Providers.Cli;

/// <summary>Makes the indexes again.</summary>
internal sealed class ReindexVerb(Terminal terminal, StoreOptions store)
{
    public Command Build()
    {
        Command verb = new("reindex", "Makes the indexes of words and of vectors again from the memories. In PostgreSQL it makes those of vectors that are missing, and moves vectors to pgvector, where that has come since.");
        verb.SetAction(RunAsync);
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        if (store.File(parse) is { } file && Directory.Exists(file + ".vectors"))
        {
            // Opened and closed once: whoever has the memory open is found out before anything of it goes.
            ServiceProvider probe = store.Open(parse, create: false);
            await using (probe.ConfigureAwait(false))
            {
                probe.GetRequiredService<IMemoryStore>();
            }

            foreach (string index in Directory.GetFiles(file + ".vectors", "*.index"))
            {
                File.Delete(index);
            }
        }

        ServiceProvider services = store.Open(parse, create: false);
        await using (services.ConfigureAwait(false))
        {
            IMemoryStore memory = services.GetRequiredService<IMemoryStore>();
            long count = await terminal.ProgressAsync("Indexing", async progress =>
            {
                await (memory is PostgresMemoryStore postgres ? postgres.ReindexAsync(cancellationToken) : ((SqliteMemoryStore)memory).ReindexAsync(cancellationToken)).ConfigureAwait(false);
                return await CountAsync(memory, progress, cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
            await terminal.WriteAsync(
                store.Json(parse),
                writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("spaces", count);
                    writer.WriteEndObject();
                },
                () => [$"spaces\t{count}"]).ConfigureAwait(false);
            return ExitCode.Done;
        }
    }

    /// <summary>Counts the spaces that have an index.</summary>
    private static async Task<long> CountAsync(IMemoryStore memory, Action<long, long> progress, CancellationToken cancellationToken)
    {
        HashSet<(MemoryScope, string)> spaces = [];
        List<MemoryScope> scopes = [];
        await foreach (MemoryScope scope in memory.ListScopesAsync(null, "", cancellationToken).ConfigureAwait(false))
        {
            scopes.Add(scope);
        }

        foreach (MemoryScope scope in scopes)
        {
            await foreach (MemoryRecord record in memory.ReadAllAsync(scope, new MemoryFilter { State = MemoryState.Any }, cancellationToken).ConfigureAwait(false))
            {
                if (record.VectorSpace is { } space && spaces.Add((scope, space)))
                {
                    progress(spaces.Count, 0);
                }
            }
        }

        return spaces.Count;
    }
}
