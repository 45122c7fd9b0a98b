using System.IO.Compression;
using System.Text.Json;
using Providers.Memory;

namespace Providers.Cli;

/// <summary>All scopes of a memory in one ZIP file: for each an export of its own, called <c>tenant/namespace.ndjson</c>; and at the end, in <c>counts.json</c>, how many memories each has.</summary>
internal static class Archive
{
    private const string Counts = "counts.json", Ending = ".ndjson";

    public static async Task<long> WriteAsync(IMemoryService memory, Stream output, Action<long, long> progress, CancellationToken cancellationToken)
    {
        long all = 0;
        Dictionary<string, long> counts = [];
        using ZipArchive zip = new(output, ZipArchiveMode.Create, leaveOpen: true);
        await foreach (MemoryScope scope in memory.Store.ListScopesAsync(null, "", cancellationToken).ConfigureAwait(false))
        {
            string name = $"{scope.Tenant}/{scope.Namespace}{Ending}";
            long before = all;
            CountingStream entry = new(zip.CreateEntry(name, CompressionLevel.Fastest).Open(), lines => progress(before + lines, 0));
            await using (entry.ConfigureAwait(false))
            {
                all += counts[name] = await memory.ExportAsync(scope, entry, null, cancellationToken).ConfigureAwait(false);
            }
        }

        Stream last = zip.CreateEntry(Counts, CompressionLevel.Fastest).Open();
        await using (last.ConfigureAwait(false))
        {
            Utf8JsonWriter writer = new(last);
            await using (writer.ConfigureAwait(false))
            {
                writer.WriteStartObject();
                foreach ((string name, long count) in counts)
                {
                    writer.WriteNumber(name, count);
                }

                writer.WriteEndObject();
            }
        }

        return all;
    }

    /// <exception cref="UsageException">The file is no archive, was cut off, or is damaged.</exception>
    public static async Task<long> ReadAsync(IMemoryService memory, Stream input, Action<long, long> progress, CancellationToken cancellationToken)
    {
        long all = 0;
        try
        {
            using ZipArchive zip = new(input, ZipArchiveMode.Read, leaveOpen: true);
            Dictionary<string, long> counts = await CountsAsync(zip, cancellationToken).ConfigureAwait(false);
            long expected = counts.Values.Sum();
            foreach ((string name, long count) in counts)
            {
                string[] parts = name[..^Ending.Length].Split('/');
                Stream entry = zip.GetEntry(name)?.Open() ?? throw new UsageException($"The archive lacks '{name}'.");
                await using (entry.ConfigureAwait(false))
                {
                    long before = all;
                    MemoryImportResult result = await memory.ImportAsync(new MemoryScope(parts[0], parts[1]), entry, new MemoryImportOptions { Progress = new Told(lines => progress(before + lines, expected)) }, cancellationToken).ConfigureAwait(false);
                    all += result.Stored;
                    if (!result.Completed || result.Stored > count)
                    {
                        throw new UsageException($"The archive is damaged in '{name}', of which {result.Stored} memories were stored. {(result.Errors is [var error, ..] ? error.Message : "")}");
                    }
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or EndOfStreamException)
        {
            throw new UsageException($"The archive is damaged or was cut off; {all} memories were stored from it. {e.Message}");
        }

        return all;
    }

    private static async Task<Dictionary<string, long>> CountsAsync(ZipArchive zip, CancellationToken cancellationToken)
    {
        Stream stream = zip.GetEntry(Counts)?.Open() ?? throw new UsageException($"The archive lacks '{Counts}': it is none of this tool.");
        await using (stream.ConfigureAwait(false))
        {
            using JsonDocument document = await JsonDocument.ParseAsync(stream, default, cancellationToken).ConfigureAwait(false);
            Dictionary<string, long> counts = [];
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                counts[property.Name.EndsWith(Ending, StringComparison.Ordinal) && property.Name.Count(static c => c == '/') == 1 ? property.Name : throw new UsageException($"The archive names '{property.Name}', which is no scope.")] = property.Value.GetInt64();
            }

            return counts;
        }
    }

    private sealed class Told(Action<long> tell) : IProgress<long>
    {
        public void Report(long value) => tell(value);
    }
}
