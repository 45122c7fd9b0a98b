using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Providers.AspNetCore.Pipeline;

namespace Providers.AspNetCore.Reading;

/// <summary>Reads a request's body as what it must be; the bytes are given back at once.</summary>
internal static class JsonBody
{
    /// <summary>Reads the body of a request that must have one.</summary>
    /// <param name="large">Whether it may be as large as the largest bodies.</param>
    public static async ValueTask<T> ReadAsync<T>(Exchange exchange, JsonTypeInfo<T> type, bool large = false)
        where T : class
    {
        GatewayLimitOptions limits = exchange.Services.Options.Limits;
        using PooledBuffer body = await BodyReader.ReadJsonAsync(exchange.Request, large ? limits.MaxLargeBodyBytes : limits.MaxBodyBytes, exchange.Aborted).ConfigureAwait(false);
        return JsonText.Parse(body.WrittenSpan, type);
    }

    /// <summary>Reads the body of a request that may do without. One that comes in chunks, or in frames of HTTP/2, need not say how long it is.</summary>
    /// <returns><see langword="null"/>: there is none.</returns>
    public static async ValueTask<T?> ReadAnyAsync<T>(Exchange exchange, JsonTypeInfo<T> type)
        where T : class =>
        exchange.Http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? await ReadAsync(exchange, type).ConfigureAwait(false) : null;
}
