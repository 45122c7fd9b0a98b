using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;

namespace Providers.Cli;

/// <summary>Writes a scope as lines of JSON.</summary>
internal sealed class ExportVerb(Terminal terminal, StoreOptions store)
{
    private readonly Argument<string> _file = new("file") { Description = "The file to write, which must not exist; - for the output.", DefaultValueFactory = static _ => "-" };
    private readonly Option<bool> _bare = new("--without-vectors") { Description = "Leaves the vectors out; an import embeds the texts." };

    public Command Build()
    {
        Command verb = new("export", "Writes the memories of a scope with their links as lines of JSON, oldest first, as they are at one moment. Earlier versions are not in it.") { _file, _bare };
        verb.SetAction(RunAsync);
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        ServiceProvider services = store.Open(parse, create: false);
        await using (services.ConfigureAwait(false))
        {
            IMemoryService memory = services.GetRequiredService<IMemoryService>();
            MemoryScope scope = store.Scope(parse);
            MemoryExportOptions options = new() { Vectors = !parse.GetValue(_bare) };
            string file = parse.GetValue(_file)!;
            if (file == "-")
            {
                Stream output = terminal.OpenOutput();
                await using (output.ConfigureAwait(false))
                {
                    await memory.ExportAsync(scope, output, options, cancellationToken).ConfigureAwait(false);
                }

                return ExitCode.Done;
            }

            MemoryStats stats = await memory.Store.GetStatsAsync(scope, cancellationToken).ConfigureAwait(false);
            long count = await PartialFile.WriteAsync(file, output => terminal.ProgressAsync("Exporting", progress => memory.ExportAsync(
                scope, new CountingStream(output, lines => progress(lines, stats.Count + stats.Archived)), options, cancellationToken))).ConfigureAwait(false);
            await terminal.WriteAsync(
                store.Json(parse),
                writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("exported", count);
                    writer.WriteEndObject();
                },
                () => [$"exported\t{count}"]).ConfigureAwait(false);
            return ExitCode.Done;
        }
    }
}
