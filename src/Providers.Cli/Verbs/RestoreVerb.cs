using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;

namespace Providers.Cli;

/// <summary>Makes a memory from a backup.</summary>
internal sealed class RestoreVerb(Terminal terminal, StoreOptions store)
{
    private readonly Argument<string> _file = new("file") { Description = "The backup." };

    public Command Build()
    {
        Command verb = new("restore", "Makes a memory from a backup. The memory must be empty: a SQLite file that is not there, or tables without a memory.") { _file };
        verb.SetAction(RunAsync);
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string backup = parse.GetValue(_file)!;
        byte[] magic = new byte[16];
        FileStream input = File.OpenRead(backup);
        await using (input.ConfigureAwait(false))
        {
            int length = await input.ReadAtLeastAsync(magic, magic.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            bool database = magic.AsSpan(0, length).SequenceEqual("SQLite format 3\0"u8), archive = magic.AsSpan(0, length).StartsWith("PK"u8);
            string? target = store.File(parse);
            if (!database && !archive)
            {
                throw new UsageException($"'{backup}' is no backup: neither a SQLite database nor an archive.");
            }

            if (database && target is null)
            {
                throw new UsageException($"'{backup}' is a copy of a SQLite database; restore it with --sqlite, or make the backup with --archive.");
            }

            if (target is not null && File.Exists(target))
            {
                throw new UsageException($"'{target}' exists; move it away first. Nothing is restored over a memory.");
            }

            input.Position = 0;
            long count = database ? await CopyAsync(input, target!, parse, cancellationToken).ConfigureAwait(false) : await ReadAsync(input, parse, cancellationToken).ConfigureAwait(false);
            await terminal.WriteAsync(
                store.Json(parse),
                writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("restored", count);
                    writer.WriteEndObject();
                },
                () => [$"restored\t{count}"]).ConfigureAwait(false);
            return ExitCode.Done;
        }
    }

    private async Task<long> CopyAsync(FileStream input, string target, ParseResult parse, CancellationToken cancellationToken)
    {
        await PartialFile.WriteAsync(target, output => terminal.ProgressAsync("Copying", async progress =>
        {
            byte[] buffer = new byte[1 << 20];
            while (await input.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int length)
            {
                await output.WriteAsync(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                progress(input.Position, input.Length);
            }

            return 0;
        })).ConfigureAwait(false);
        ServiceProvider services = store.Open(parse, create: false);
        await using (services.ConfigureAwait(false))
        {
            return await CountAsync(services.GetRequiredService<IMemoryStore>(), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<long> ReadAsync(FileStream input, ParseResult parse, CancellationToken cancellationToken)
    {
        ServiceProvider services = store.Open(parse, create: true);
        await using (services.ConfigureAwait(false))
        {
            IMemoryService memory = services.GetRequiredService<IMemoryService>();
            if (await CountAsync(memory.Store, cancellationToken).ConfigureAwait(false) is > 0 and long there)
            {
                throw new UsageException($"The memory holds {there} memories; nothing is restored over a memory.");
            }

            return await terminal.ProgressAsync("Restoring", progress => Archive.ReadAsync(memory, input, progress, cancellationToken)).ConfigureAwait(false);
        }
    }

    private static async Task<long> CountAsync(IMemoryStore memory, CancellationToken cancellationToken)
    {
        long count = 0;
        await foreach (MemoryScope scope in memory.ListScopesAsync(null, "", cancellationToken).ConfigureAwait(false))
        {
            MemoryStats stats = await memory.GetStatsAsync(scope, cancellationToken).ConfigureAwait(false);
            count += stats.Count + stats.Archived;
        }

        return count;
    }
}
