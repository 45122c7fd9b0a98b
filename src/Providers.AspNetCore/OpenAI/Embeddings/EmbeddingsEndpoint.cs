using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.OpenAI;

/// <summary>POST /v1/embeddings.</summary>
internal sealed class EmbeddingsEndpoint(IEmbeddingGenerator<string, Embedding<float>> generator)
{
    public async Task HandleAsync(Exchange exchange)
    {
        GatewayLimitOptions limits = exchange.Services.Options.Limits;
        EmbeddingRequest request = await JsonBody.ReadAsync(exchange, OpenAIJson.Default.EmbeddingRequest, large: true).ConfigureAwait(false);

        List<string> input = Check(request, limits.MaxEmbeddingInputs);
        int reserved = (int)Math.Min(int.MaxValue, input.Sum(static t => (long)t.Length) / 4);
        if (exchange.Services.Admission.Reserve(exchange.Caller, reserved) is { } refused)
        {
            throw new ApiException(refused);
        }

        EmbeddingGenerationOptions options = new() { ModelId = string.IsNullOrEmpty(request.Model) ? null : request.Model, Dimensions = request.Dimensions };
        long? used = 0;
        try
        {
            using RequestTime time = new(exchange);
            GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(input, options, time.Token).ConfigureAwait(false);
            used = embeddings.Usage?.TotalTokenCount ?? embeddings.Usage?.InputTokenCount;
            Embedding<float>? first = embeddings.Count > 0 ? embeddings[0] : null;
            exchange.Attempts = Served.Annotate(exchange.Response, embeddings.AdditionalProperties ?? first?.AdditionalProperties, first?.ModelId);
            using PooledBuffer buffer = new(64 * 1024);
            Write(buffer, embeddings, request.EncodingFormat == "base64", first?.ModelId ?? request.Model ?? "default");
            exchange.Response.ContentType = "application/json";
            exchange.Response.ContentLength = buffer.WrittenCount;
            await exchange.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, exchange.Aborted).ConfigureAwait(false);
        }
        finally
        {
            exchange.Services.Admission.Settle(exchange.Caller, reserved, used);
        }
    }

    private static List<string> Check(EmbeddingRequest request, int most)
    {
        if (request.Input is not { Count: > 0 } input || input.Count > most)
        {
            throw new ApiException("invalid_request", $"input must hold 1 to {most} texts.", "input");
        }

        if (input.Exists(string.IsNullOrEmpty))
        {
            throw new ApiException("invalid_request", "input must not hold empty texts.", "input");
        }

        if (request.Dimensions is < 1 or > 16_384)
        {
            throw new ApiException("invalid_request", "dimensions must be 1 to 16384.", "dimensions");
        }

        return request.EncodingFormat is null or "float" or "base64"
            ? input
            : throw new ApiException("invalid_request", "encoding_format must be float or base64.", "encoding_format");
    }

    private static void Write(PooledBuffer buffer, GeneratedEmbeddings<Embedding<float>> embeddings, bool base64, string model)
    {
        using Utf8JsonWriter writer = new(buffer, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        for (int i = 0; i < embeddings.Count; i++)
        {
            ReadOnlySpan<float> vector = embeddings[i].Vector.Span;
            writer.WriteStartObject();
            writer.WriteString("object"u8, "embedding"u8);
            writer.WriteNumber("index"u8, i);
            if (base64)
            {
                writer.WriteBase64String("embedding"u8, MemoryMarshal.AsBytes(vector)); // little-endian, as every machine .NET runs on
            }
            else
            {
                writer.WriteStartArray("embedding"u8);
                foreach (float component in vector)
                {
                    writer.WriteNumberValue(component);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("model"u8, model);
        long tokens = embeddings.Usage?.InputTokenCount ?? embeddings.Usage?.TotalTokenCount ?? 0;
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("prompt_tokens"u8, tokens);
        writer.WriteNumber("total_tokens"u8, tokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
