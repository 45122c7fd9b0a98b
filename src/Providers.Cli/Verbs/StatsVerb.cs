using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Providers.Memory;

namespace Providers.Cli;

/// <summary>Says what a scope holds.</summary>
internal sealed class StatsVerb(Terminal terminal, StoreOptions store)
{
    public Command Build()
    {
        Command verb = new("stats", "Says what a scope holds.");
        verb.SetAction(RunAsync);
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        ServiceProvider services = store.Open(parse, create: false);
        await using (services.ConfigureAwait(false))
        {
            MemoryScope scope = store.Scope(parse);
            MemoryStats stats = await services.GetRequiredService<IMemoryStore>().GetStatsAsync(scope, cancellationToken).ConfigureAwait(false);
            await terminal.WriteAsync(store.Json(parse), writer => Write(writer, stats), () => Lines(scope, stats)).ConfigureAwait(false);
            return ExitCode.Done;
        }
    }

    private static void Write(Utf8JsonWriter writer, MemoryStats stats)
    {
        writer.WriteStartObject();
        writer.WriteNumber("count", stats.Count);
        writer.WriteNumber("text_bytes", stats.TextBytes);
        writer.WriteNumber("archived", stats.Archived);
        writer.WriteNumber("links", stats.Links);
        foreach ((string name, IReadOnlyDictionary<string, long> counts) in ((string, IReadOnlyDictionary<string, long>)[])[("by_kind", stats.ByKind), ("by_tag", stats.ByTag), ("by_space", stats.BySpace)])
        {
            writer.WriteStartObject(name);
            foreach ((string key, long count) in counts)
            {
                writer.WriteNumber(key, count);
            }

            writer.WriteEndObject();
        }

        if (stats is { Oldest: { } oldest, Newest: { } newest })
        {
            writer.WriteString("oldest", oldest);
            writer.WriteString("newest", newest);
        }

        writer.WriteEndObject();
    }

    private static IEnumerable<string> Lines(MemoryScope scope, MemoryStats stats) =>
    [
        $"scope\t{scope}", $"memories\t{stats.Count}", $"text bytes\t{stats.TextBytes}", $"archived\t{stats.Archived}", $"links\t{stats.Links}",
        .. stats.ByKind.Select(static k => $"kind {k.Key}\t{k.Value}"), .. stats.ByTag.Select(static t => $"tag {t.Key}\t{t.Value}"), .. stats.BySpace.Select(static s => $"space {s.Key}\t{s.Value}"),
        .. stats is { Oldest: { } oldest, Newest: { } newest } ? [$"oldest\t{oldest:O}", $"newest\t{newest:O}"] : Array.Empty<string>(),
    ];
}
