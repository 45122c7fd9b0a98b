using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Pipeline;

namespace Providers.AspNetCore.Reading;

/// <summary>Answers with one JSON value.</summary>
internal static class JsonAnswer
{
    public static Task SendAsync<T>(Exchange exchange, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
        where T : class => SendAsync(exchange, (object)value, type, status);

    public static async Task SendAsync(Exchange exchange, object value, JsonTypeInfo type, int status)
    {
        using PooledBuffer buffer = new();
        using (Utf8JsonWriter writer = new(buffer, JsonText.WriterOptions))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        exchange.Response.StatusCode = status;
        exchange.Response.ContentType = "application/json";
        exchange.Response.ContentLength = buffer.WrittenCount;
        await exchange.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, exchange.Aborted).ConfigureAwait(false);
    }
}
