using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Providers.Memory;

/// <summary>Writes memories line by line from one snapshot.</summary>
internal sealed class Exporter(IMemoryStore store)
{
    private const int FlushFrom = 65_536;

    public async Task<long> RunAsync(MemoryScope scope, Stream destination, MemoryExportOptions options, CancellationToken cancellationToken)
    {
        MemoryRecord? after = options.After is { } line ? RecordJson.Read(Encoding.UTF8.GetBytes(line)).Record : null;
        MemoryFilter filter = options.Filter ?? new MemoryFilter { State = MemoryState.Any };
        if (after is not null && !(filter.CreatedFrom > after.Created))
        {
            filter = filter with { CreatedFrom = after.Created };
        }

        ArrayBufferWriter<byte> buffer = new(FlushFrom * 2);
        Utf8JsonWriter json = new(buffer);
        await using ConfiguredAsyncDisposable disposal = json.ConfigureAwait(false);
        long written = 0;
        await foreach (MemoryRecord record in store.ReadAllAsync(scope, filter, cancellationToken).ConfigureAwait(false))
        {
            if (after is not null && record.Created == after.Created && string.CompareOrdinal(record.Id, after.Id) <= 0)
            {
                continue;
            }

            IReadOnlyList<MemoryEdge> links = await store.GetRelatedAsync(
                scope, record.Id, new MemoryRelatedOptions { Direction = MemoryLinkDirection.Outgoing, Limit = MemoryCheck.MostLinks }, cancellationToken).ConfigureAwait(false);
            if (links.Count == MemoryCheck.MostLinks)
            {
                throw new MemoryValidationException([string.Create(CultureInfo.InvariantCulture, $"export: memory '{record.Id}' has {MemoryCheck.MostLinks:#,0} links or more, and a line holds fewer; nothing is left out silently. Unlink some.")]);
            }

            RecordJson.Write(json, record, links, options.Vectors);
            json.Flush();
            json.Reset();
            buffer.Write("\n"u8);
            written++;
            if (buffer.WrittenCount >= FlushFrom)
            {
                await destination.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
                buffer.ResetWrittenCount();
            }
        }

        await destination.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
        return written;
    }
}
