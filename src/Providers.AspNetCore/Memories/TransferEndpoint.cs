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
        PipeWriter output = exchange.Response.BodyWriter;
        using Utf8JsonWriter json = new(output, JsonText.WriterOptions);
        long unflushed = 0;
        exchange.Response.ContentType = "application/x-ndjson";
        await foreach (MemoryRecord record in memory.Store.ReadAllAsync(scope, filter, time.Token).ConfigureAwait(false))
        {
            json.Reset(output);
            JsonSerializer.Serialize(json, MemoryView.Of(record, vector: true), MemoryJson.Default.MemoryView);
            await json.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            unflushed += json.BytesCommitted + 1;
            output.Write("\n"u8);
            if (unflushed >= FlushAt)
            {
                await output.FlushAsync(time.Token).ConfigureAwait(false);
                unflushed = 0;
            }
        }

        await output.FlushAsync(time.Token).ConfigureAwait(false);
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
                    if (lines.Number >= from && line.WrittenCount > 0)
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

    /// <summary>Keeps what was good before the line at fault, and says where to go on.</summary>
    private static async ValueTask<ApiException> ReportAsync(Import import, LineReader lines, ApiError cause, Exception e, CancellationToken cancellationToken)
    {
        long line = import.LineOf(e) ?? lines.Number;
        await import.StoreBeforeAsync(line, cancellationToken).ConfigureAwait(false);
        string detail = $"Line {line}: {cause.Detail} {import.Imported} memories are stored; correct the line and go on with from_line={line}.";
        return new ApiException(cause with { Detail = detail, Errors = [new ApiErrorItem($"line {line}", cause.Detail), .. cause.Errors] }, e);
    }
}
