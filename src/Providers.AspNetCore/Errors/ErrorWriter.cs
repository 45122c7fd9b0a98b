using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Errors;

/// <summary>Writes errors in the style of the endpoint.</summary>
internal static class ErrorWriter
{
    public static async Task WriteAsync(HttpContext http, ApiError error, ErrorStyle style)
    {
        HttpResponse response = http.Response;
        ErrorType type = error.Type;
        response.StatusCode = type.Status;
        WriteHeaders(http, error);
        using PooledBuffer buffer = new();
        using (Utf8JsonWriter writer = new(buffer, JsonText.WriterOptions))
        {
            if (style is ErrorStyle.OpenAI)
            {
                WriteOpenAI(writer, error);
            }
            else
            {
                WriteProblem(writer, error, Trace.IdOf(http));
            }
        }

        response.ContentType = style is ErrorStyle.OpenAI ? "application/json" : "application/problem+json";
        response.ContentLength = buffer.WrittenCount;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted).ConfigureAwait(false);
        }
    }

    public static void WriteOpenAI(Utf8JsonWriter writer, ApiError error)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, error.Detail);
        writer.WriteString("type"u8, error.Type.OpenAIType);
        writer.WriteString("param"u8, error.Parameter);
        writer.WriteString("code"u8, error.Code);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteProblem(Utf8JsonWriter writer, ApiError error, string traceId)
    {
        ErrorType type = error.Type;
        writer.WriteStartObject();
        writer.WriteString("type"u8, $"/problems/{type.Code}");
        writer.WriteString("title"u8, type.Title);
        writer.WriteNumber("status"u8, type.Status);
        writer.WriteString("detail"u8, error.Detail);
        writer.WriteString("code"u8, type.Code);
        writer.WriteBoolean("retryable"u8, type.Retryable);
        writer.WriteString("traceId"u8, traceId);
        writer.WriteStartArray("errors"u8);
        foreach (ApiErrorItem item in error.Errors)
        {
            writer.WriteStartObject();
            writer.WriteString("pointer"u8, item.Pointer);
            writer.WriteString("detail"u8, item.Detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteHeaders(HttpContext http, ApiError error)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers["X-Request-Id"] = Trace.IdOf(http);
        headers.CacheControl = "no-store";
        if (error.RetryAfter is { } wait)
        {
            headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (error.Exhausted)
        {
            headers["X-Should-Retry"] = "false"; // OpenAI's clients retry 5xx by themselves; the failover has been done here
        }

        if (error.Type.Status == StatusCodes.Status401Unauthorized)
        {
            headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        }
    }
}
