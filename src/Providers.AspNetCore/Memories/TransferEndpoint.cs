using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;
using Providers.Memory;

namespace Providers.AspNetCore.Memories;

/// <summary>Memories out of and into a scope, one JSON object a line.</summary>
internal sealed class TransferEndpoint(IMemoryService memory)
{
    private const int FlushAt = 64 * 1024;
    private const int BatchSize = 100;

    public async Task ExportAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        MemoryFilter? filter = (await JsonBody.ReadAnyAsync(exchange, MemoryJson.Default.ExportBody).ConfigureAwait(false))?.Filter is { } wanted ? BodyMapping.Filter(wanted) : null;
        using RequestTime time = new(exchange);
        using PooledBuffer lines = new(2 * FlushAt); // of our own: a store that fails before the first is sent gets its status
        using Utf8JsonWriter json = new(lines, JsonText.WriterOptions);
        await foreach (MemoryRecord record in memory.Store.ReadAllAsync(scope, filter, time.Token).ConfigureAwait(false))
        {
            json.Reset(lines);
            JsonSerializer.Serialize(json, MemoryView.Of(record, vector: true), MemoryJson.Default.MemoryView);
            json.Flush();
            lines.Write("\n"u8);
            if (lines.WrittenCount >= FlushAt)
            {
                await SendAsync(exchange.Response, lines, time.Token).ConfigureAwait(false);
            }
        }

        await SendAsync(exchange.Response, lines, time.Token).ConfigureAwait(false);
    }

    public async Task ImportAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        int from = QueryReader.Number(exchange.Request, "from_line", 1, 1, int.MaxValue);
        if (exchange.Request.ContentType?.Split(';')[0].Trim() is not ("application/x-ndjson" or "application/jsonl"))
        {
            throw new ApiException("unsupported_media_type", "The body must be application/x-ndjson: one memory a line.", "Content-Type");
        }

        BodyReader.Allow(exchange.Http, long.MaxValue); // memory stays bounded by the line and the batch, however long the file
        using Stream? unpacked = BodyReader.Unpack(exchange.Request);
        LineReader lines = new(unpacked is null ? exchange.Request.BodyReader : PipeReader.Create(unpacked), exchange.Services.Options.Limits.MaxBodyBytes);
        Import import = new(memory, scope, exchange.Services.Clock);
        using RequestTime time = new(exchange);
        try
        {
            while (await lines.ReadAsync(time.Token).ConfigureAwait(false) is { } line)
            {
                using (line)
                {
                    if (lines.Number >= from && !line.WrittenSpan.Trim(" \t\r"u8).IsEmpty)
                    {
                        import.Add(lines.Number, line.WrittenSpan);
                        if (import.Pending == BatchSize)
                        {
                            await import.StoreAsync(time.Token).ConfigureAwait(false);
                        }
                    }
                }
            }

            await import.StoreAsync(time.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (ErrorMapper.Map(e, exchange.Aborted) is { Type.Status: < 499 } cause)
        {
            throw await ReportAsync(import, lines, cause, e, time.Token).ConfigureAwait(false);
        }

        await JsonAnswer.SendAsync(exchange, new ImportView(import.Imported, lines.Number + 1), MemoryJson.Default.ImportView).ConfigureAwait(false);
    }

    private static async ValueTask SendAsync(HttpResponse response, PooledBuffer lines, CancellationToken cancellationToken)
    {
        if (!response.HasStarted)
        {
            response.ContentType = "application/x-ndjson";
        }

        await response.BodyWriter.WriteAsync(lines.WrittenMemory, cancellationToken).ConfigureAwait(false);
        lines.Clear();
    }

    /// <summary>Keeps what was good before the line at fault, and says where to go on.</summary>
    private static async ValueTask<ApiException> ReportAsync(Import import, LineReader lines, ApiError cause, Exception e, CancellationToken cancellationToken)
    {
        long line = import.LineOf(e) ?? lines.Number;
        while (true)
        {
            try
            {
                await import.StoreBeforeAsync(line, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (Exception earlier) when (import.LineOf(earlier) is { } at && at < line && ErrorMapper.Map(earlier, cancellationToken) is { } first)
            {
                (line, cause, e) = (at, first, earlier); // one that stood before it was at fault too
            }
        }

        string detail = $"Line {line}: {cause.Detail} {import.Imported} memories are stored; correct the line and go on with from_line={line}.";
        return new ApiException(cause with { Detail = detail, Errors = [new ApiErrorItem($"line {line}", cause.Detail), .. cause.Errors] }, e);
    }
}
