using System.CommandLine;
using System.CommandLine.Invocation;
using Microsoft.Data.Sqlite;
using Providers.Memory;

namespace Providers.Cli;

/// <summary>The command line.</summary>
internal sealed class Tool(Terminal terminal, Func<string, string?> environment)
{
    /// <summary>Carries out a command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken = default)
    {
        ParseResult parse = Build().Parse(arguments);
        if (parse.Action is ParseErrorAction)
        {
            foreach (string error in parse.Errors.Select(static e => e.Message).Distinct())
            {
                terminal.Note(error);
            }

            terminal.Note("See: providers --help");
            return ExitCode.Wrong;
        }

        try
        {
            StreamWriter output = new(terminal.OpenOutput());
            await using (output.ConfigureAwait(false))
            {
                InvocationConfiguration configuration = new() { Output = output, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
                return await parse.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            terminal.Note("Cancelled.");
            return ExitCode.Cancelled;
        }
#pragma warning disable CA1031 // the last one who can say what happened
        catch (Exception e)
        {
            terminal.Note(e is UsageException or MemoryValidationException or MemoryUnavailableException or IOException or InvalidOperationException ? e.Message : $"{e.GetType().Name}: {e.Message}");
            return e switch
            {
                UsageException or MemoryValidationException or FileNotFoundException or DirectoryNotFoundException => ExitCode.Wrong,
                _ when IsDamage(e) => ExitCode.Damaged,
                MemoryUnavailableException or IOException or UnauthorizedAccessException or SqliteException or InvalidOperationException => ExitCode.Unavailable,
                _ => ExitCode.Failed,
            };
        }
#pragma warning restore CA1031
    }

    /// <summary>Whether it comes of SQLite having found its file broken: trying again would not help.</summary>
    private static bool IsDamage(Exception? error) => error is SqliteException { SqliteErrorCode: 11 } || (error is not null && IsDamage(error.InnerException));

    private RootCommand Build()
    {
        StoreOptions store = new(environment);
        Command memory = new("memory", "Looks after a memory.");
        store.AddTo(memory);
        foreach (Command verb in (Command[])
            [
                new StatsVerb(terminal, store).Build(), new SearchVerb(terminal, store).Build(), new VerifyVerb(terminal, store).Build(), new ReindexVerb(terminal, store).Build(),
                new ImportVerb(terminal, store).Build(), new ExportVerb(terminal, store).Build(), new BackupVerb(terminal, store).Build(), new RestoreVerb(terminal, store).Build(),
            ])
        {
            memory.Subcommands.Add(verb);
        }

        return new RootCommand("Looks after what Providers keeps. Exit codes: 0 done, 2 wrong command line or input, 3 memory not available, 4 memory damaged, 130 cancelled, 1 anything else.") { memory };
    }
}
