using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;
using Providers.Memory.Postgres;

namespace Providers.Cli;

/// <summary>Makes the indexes of vectors again.</summary>
internal sealed class ReindexVerb(Terminal terminal, StoreOptions store)
{
    public Command Build()
    {
        Command verb = new("reindex", "Makes the indexes of vectors again from the memories. In PostgreSQL it also moves vectors to pgvector, where that has come since.");
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
                if (memory is PostgresMemoryStore postgres)
                {
                    await postgres.ReindexAsync(cancellationToken).ConfigureAwait(false);
                }

                return await TouchAsync(memory, progress, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Gives one memory of each space the vector it has: the index is made, and written when the memory closes.</summary>
    private static async Task<long> TouchAsync(IMemoryStore memory, Action<long, long> progress, CancellationToken cancellationToken)
    {
        long spaces = 0;
        List<MemoryScope> scopes = [];
        await foreach (MemoryScope scope in memory.ListScopesAsync(null, "", cancellationToken).ConfigureAwait(false))
        {
            scopes.Add(scope);
        }

        foreach (MemoryScope scope in scopes)
        {
            HashSet<string> seen = new(StringComparer.Ordinal);
            List<MemoryOperation> touch = [];
            await foreach (MemoryRecord record in memory.ReadAllAsync(scope, new MemoryFilter { State = MemoryState.Any }, cancellationToken).ConfigureAwait(false))
            {
                if (record is { Vector: { } vector, VectorSpace: { } space } && seen.Add(space))
                {
                    touch.Add(new MemoryEmbed(record.Id, vector, space) { ExpectedVersion = record.Version });
                }
            }

            foreach (MemoryOperation operation in touch)
            {
                await memory.ExecuteAsync(new MemoryTransaction(scope, [operation]), cancellationToken).ConfigureAwait(false);
            }

            progress(spaces += touch.Count, 0);
        }

        return spaces;
    }
}
