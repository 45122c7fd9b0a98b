using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;

namespace Providers.Cli;

/// <summary>Stores memories from lines of JSON.</summary>
internal sealed class ImportVerb(Terminal terminal, StoreOptions store)
{
    private readonly Argument<string> _file = new("file") { Description = "The file with a memory as JSON on each line; - for the input." };
    private readonly Option<long> _from = new("--from-line") { Description = "Begins at this line, as a cut off import said.", DefaultValueFactory = static _ => 1L };
    private readonly Option<int> _errors = new("--max-errors") { Description = "How many wrong lines are left out before the import ends.", DefaultValueFactory = static _ => 100 };

    public Command Build()
    {
        Command verb = new("import", "Stores memories from lines of JSON. Memories with an id may be imported again without harm; those without a vector are embedded by spelling.") { _file, _from, _errors };
        verb.SetAction(RunAsync);
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string file = parse.GetValue(_file)!;
        Stream input = file == "-" ? terminal.OpenInput() : File.OpenRead(file);
        await using (input.ConfigureAwait(false))
        {
            ServiceProvider services = store.Open(parse, create: true);
            await using (services.ConfigureAwait(false))
            {
                IMemoryService memory = services.GetRequiredService<IMemoryService>();
                long length = input.CanSeek ? input.Length : 0;
                Place place = new(parse.GetValue(_from) - 1);
                MemoryImportOptions options = new() { FromLine = parse.GetValue(_from), MaxErrors = parse.GetValue(_errors), Progress = place };
                MemoryImportResult result;
                try
                {
                    result = await terminal.ProgressAsync("Importing", progress => memory.ImportAsync(store.Scope(parse), new CountingStream(input, bytes => progress(bytes, length)), options, cancellationToken)).ConfigureAwait(false);
                }
                catch (Exception e) when (e is OperationCanceledException or MemoryUnavailableException)
                {
                    terminal.Note(string.Create(CultureInfo.InvariantCulture, $"Stored up to line {place.Line}; go on with --from-line {place.Line + 1}."));
                    throw;
                }

                await SayAsync(parse, result).ConfigureAwait(false);
                return result.Errors.Count == 0 ? ExitCode.Done : ExitCode.Wrong;
            }
        }
    }

    private Task SayAsync(ParseResult parse, MemoryImportResult result)
    {
        foreach (MemoryImportError error in result.Errors)
        {
            terminal.Note(error.Message);
        }

        if (!result.Completed)
        {
            terminal.Note(string.Create(CultureInfo.InvariantCulture, $"Ended at line {result.NextLine}; mend it and go on with --from-line {result.NextLine}."));
        }

        return terminal.WriteAsync(
            store.Json(parse),
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("imported", result.Stored);
                writer.WriteNumber("links", result.Links);
                writer.WriteNumber("errors", result.Errors.Count);
                writer.WriteNumber("next_line", result.NextLine);
                writer.WriteBoolean("completed", result.Completed);
                writer.WriteEndObject();
            },
            () => [$"imported\t{result.Stored}", $"links\t{result.Links}", $"errors\t{result.Errors.Count}"]);
    }

    /// <summary>The last line whose memory is stored for sure.</summary>
    private sealed class Place(long line) : IProgress<long>
    {
        public long Line { get; private set; } = line;

        public void Report(long value) => Line = Math.Max(Line, value - 1);
    }
}
