using System.CommandLine;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;

namespace Providers.Cli;

/// <summary>Looks a whole memory through.</summary>
internal sealed class VerifyVerb(Terminal terminal, StoreOptions store)
{
    private readonly Option<int> _every = new("--every") { Description = "Searches for every so-many-th memory by its own words and vector.", DefaultValueFactory = static _ => 100 };

    public Command Build()
    {
        Command verb = new("verify", "Reads every memory of every tenant, compares the counts, and searches for some of them by their own words and vectors. Changes nothing.") { _every };
        verb.SetAction(RunAsync);
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        List<string> problems = [];
        ServiceProvider services = store.Open(parse, create: false);
        await using (services.ConfigureAwait(false))
        {
            IMemoryStore memory = services.GetRequiredService<IMemoryStore>();
            await memory.CheckAsync(cancellationToken).ConfigureAwait(false);
            if (store.File(parse) is { } file)
            {
                problems.AddRange(await IntegrityAsync(file, cancellationToken).ConfigureAwait(false));
            }

            Verification verification = new(memory, Math.Max(1, parse.GetValue(_every)));
            long count = await terminal.ProgressAsync("Verifying", progress => verification.RunAsync(problems, progress, cancellationToken)).ConfigureAwait(false);
            foreach (string problem in problems)
            {
                terminal.Note(problem);
            }

            await terminal.WriteAsync(
                store.Json(parse),
                writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("memories", count);
                    writer.WriteNumber("searched", verification.Searched);
                    writer.WriteNumber("problems", problems.Count);
                    writer.WriteEndObject();
                },
                () => [$"memories\t{count}", $"searched\t{verification.Searched}", $"problems\t{problems.Count}"]).ConfigureAwait(false);
            return problems.Count == 0 ? ExitCode.Done : ExitCode.Damaged;
        }
    }

    /// <summary>What SQLite itself says about its file.</summary>
    private static async Task<IEnumerable<string>> IntegrityAsync(string file, CancellationToken cancellationToken)
    {
        List<string> lines = [];
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            SqliteCommand command = connection.CreateCommand();
            await using (command.ConfigureAwait(false))
            {
                command.CommandText = "PRAGMA integrity_check";
                SqliteDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        lines.Add(string.Create(CultureInfo.InvariantCulture, $"SQLite: {reader.GetString(0)}"));
                    }
                }
            }
        }

        return lines is ["SQLite: ok"] ? [] : lines;
    }
}
