using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.Reading;

/// <summary>Reads a JSON body whole, into rented memory, and never more of it than allowed, packed or unpacked.</summary>
internal static class BodyReader
{
    private const int MostAhead = 64 * 1024;

    /// <param name="limit">The most bytes, counted after unpacking.</param>
    /// <returns>The body; the caller disposes it.</returns>
    public static async ValueTask<PooledBuffer> ReadJsonAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (!IsJson(request.ContentType))
        {
            throw new ApiException("unsupported_media_type", "The body must be application/json; the Content-Type header says otherwise or is missing.", "Content-Type");
        }

        PooledBuffer body = await ReadAsync(request, limit, cancellationToken).ConfigureAwait(false);
        if (body.WrittenCount == 0)
        {
            body.Dispose();
            throw new ApiException("invalid_json", "The body is empty; this request takes a JSON object.");
        }

        return body;
    }

    public static async ValueTask<PooledBuffer> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            throw TooLarge(limit);
        }

        Allow(request.HttpContext, limit);
        using Stream? unpacked = Unpack(request);
        PooledBuffer buffer = new((int)Math.Min(request.ContentLength ?? 4096, Math.Min(limit, MostAhead)) + 1); // more when it is there: a promise costs its sender nothing
        try
        {
            if (unpacked is null)
            {
                await CopyAsync(request.BodyReader, buffer, limit, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await CopyAsync(unpacked, buffer, limit, cancellationToken).ConfigureAwait(false);
            }

            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>Unpacks a body that is packed.</summary>
    /// <returns><see langword="null"/>: the body is not packed.</returns>
    public static Stream? Unpack(HttpRequest request) => request.Headers.ContentEncoding.ToString() switch
    {
        "" or "identity" => null,
        "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
        "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
        "br" => new BrotliStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
        _ => throw new ApiException("unsupported_media_type", "The Content-Encoding is not understood; send the body as it is, or as gzip, deflate or br.", "Content-Encoding"),
    };

    /// <summary>Lets Kestrel read what this endpoint allows, which may be less or more than the host's general limit.</summary>
    public static void Allow(HttpContext http, long limit)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit;
        }
    }

    public static ApiException TooLarge(int limit) => new("body_too_large", $"The body is larger than the {limit} bytes allowed here.");

    private static bool IsJson(string? type)
    {
        ReadOnlySpan<char> media = type.AsSpan();
        int end = media.IndexOf(';');
        media = (end < 0 ? media : media[..end]).Trim();
        return media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (media.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }

    private static async ValueTask CopyAsync(PipeReader reader, PooledBuffer buffer, int limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> data = read.Buffer;
            if (buffer.WrittenCount + data.Length > limit)
            {
                reader.AdvanceTo(data.Start);
                throw TooLarge(limit);
            }

            foreach (ReadOnlyMemory<byte> segment in data)
            {
                buffer.Write(segment.Span);
            }

            reader.AdvanceTo(data.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static async ValueTask CopyAsync(Stream stream, PooledBuffer buffer, int limit, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                int read = await stream.ReadAsync(buffer.GetMemory(16 * 1024), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return;
                }

                buffer.Advance(read);
                if (buffer.WrittenCount > limit)
                {
                    throw TooLarge(limit);
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw new ApiException(new ApiError("invalid_request", "The body is not packed as its Content-Encoding says."), e);
        }
    }
}
