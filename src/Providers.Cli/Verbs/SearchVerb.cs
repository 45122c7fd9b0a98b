using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;

namespace Providers.Cli;

/// <summary>Searches a scope.</summary>
internal sealed class SearchVerb(Terminal terminal, StoreOptions store)
{
    private readonly Argument<string> _text = new("text") { Description = "What to look for." };
    private readonly Option<int> _top = new("--top") { Description = "How many at most, 1 to 200.", DefaultValueFactory = static _ => 10 };
    private readonly Option<string[]> _kind = new("--kind") { Description = "Only of this kind; may be repeated.", DefaultValueFactory = static _ => [] };
    private readonly Option<string[]> _tag = new("--tag") { Description = "Only with this tag; repeated: with all of them.", DefaultValueFactory = static _ => [] };

    public Command Build()
    {
        Command verb = new("search", "Searches a scope: by words, and by spelling too where its memories were embedded by the lexical generator. Models of the host are not asked.") { _text, _top, _kind, _tag };
        verb.SetAction(RunAsync);
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        ServiceProvider services = store.Open(parse, create: false);
        await using (services.ConfigureAwait(false))
        {
            MemoryScope scope = store.Scope(parse);
            IMemoryService memory = services.GetRequiredService<IMemoryService>();
            bool lexical = (await memory.Store.GetStatsAsync(scope, cancellationToken).ConfigureAwait(false)).BySpace.ContainsKey(LexicalEmbeddingGenerator.ModelId);
            MemoryQuery query = new()
            {
                Text = parse.GetValue(_text),
                Top = parse.GetValue(_top),
                Mode = lexical ? MemorySearchMode.Hybrid : MemorySearchMode.Keyword,
                Filter = new MemoryFilter { Kinds = parse.GetValue(_kind)!, TagsAll = parse.GetValue(_tag)! },
            };
            IReadOnlyList<MemoryMatch> found = await memory.SearchAsync(scope, query, cancellationToken).ConfigureAwait(false);
            await terminal.WriteAsync(
                store.Json(parse),
                writer =>
                {
                    writer.WriteStartArray();
                    foreach (MemoryMatch match in found)
                    {
                        writer.WriteStartObject();
                        writer.WriteNumber("score", Math.Round(match.Score, 6));
                        writer.WriteString("id", match.Record.Id);
                        writer.WriteString("kind", match.Record.Kind);
                        writer.WriteString("text", match.Record.Text);
                        writer.WriteStartArray("tags");
                        foreach (string tag in match.Record.Tags)
                        {
                            writer.WriteStringValue(tag);
                        }

                        writer.WriteEndArray();
                        writer.WriteNumber("version", match.Record.Version);
                        writer.WriteString("created", match.Record.Created);
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                },
                () => found.Select(static m => string.Create(CultureInfo.InvariantCulture, $"{m.Score:F4}\t{m.Record.Id}\t{m.Record.Text}"))).ConfigureAwait(false);
            return ExitCode.Done;
        }
    }
}
