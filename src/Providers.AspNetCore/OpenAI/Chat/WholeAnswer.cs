using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.OpenAI;

/// <summary>Answers a chat with one JSON object.</summary>
internal static class WholeAnswer
{
    public static async Task SendAsync(Exchange exchange, ChatResponse answer, string? asked)
    {
        exchange.Attempts = Served.Annotate(exchange.Response, answer.AdditionalProperties, answer.ModelId);
        using PooledBuffer buffer = new();
        Write(buffer, answer, asked, exchange);
        exchange.Response.ContentType = "application/json";
        exchange.Response.ContentLength = buffer.WrittenCount;
        await exchange.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, exchange.Aborted).ConfigureAwait(false);
    }

    private static void Write(PooledBuffer buffer, ChatResponse answer, string? asked, Exchange exchange)
    {
        using Utf8JsonWriter writer = new(buffer, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("id"u8, answer.ResponseId ?? "chatcmpl-" + Trace.IdOf(exchange.Http));
        writer.WriteString("object"u8, "chat.completion"u8);
        writer.WriteNumber("created"u8, (answer.CreatedAt ?? exchange.Services.Clock.GetUtcNow()).ToUnixTimeSeconds());
        writer.WriteString("model"u8, answer.ModelId ?? asked ?? "default");
        writer.WriteStartArray("choices"u8);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, 0);
        IList<AIContent> contents = ContentsOf(answer);
        WriteMessage(writer, contents);
        AnswerContents.WriteLogprobs(writer, answer.AdditionalProperties);
        writer.WriteString("finish_reason"u8, answer.FinishReason?.Value ?? (contents.Any(AnswerContents.IsCall) ? "tool_calls" : "stop"));
        writer.WriteEndObject();
        writer.WriteEndArray();
        AnswerContents.WriteUsage(writer, answer.Usage);
        writer.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter writer, IList<AIContent> contents)
    {
        AnswerContents.CheckCalls(contents);
        writer.WriteStartObject("message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("content"u8, AnswerContents.Join(contents, AnswerContents.TextOf) ?? (contents.Any(AnswerContents.IsCall) || contents.Any(AnswerContents.IsRefusal) ? null : ""));
        writer.WriteString("refusal"u8, AnswerContents.Join(contents, AnswerContents.RefusalOf));
        if (AnswerContents.Join(contents, AnswerContents.ReasoningOf) is { } reasoning)
        {
            writer.WriteString("reasoning_content"u8, reasoning);
        }

        bool any = false;
        foreach (AIContent content in contents)
        {
            if (AnswerContents.IsCall(content))
            {
                if (!any)
                {
                    writer.WriteStartArray("tool_calls"u8);
                    any = true;
                }

                AnswerContents.WriteCall(writer, (FunctionCallContent)content, index: null);
            }
        }

        if (any)
        {
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>A pipeline that runs tools answers with several messages; those of the assistant are the answer.</summary>
    private static IList<AIContent> ContentsOf(ChatResponse answer) => answer.Messages is [{ } only]
        ? only.Contents
        : [.. answer.Messages.Where(static m => m.Role == ChatRole.Assistant).SelectMany(static m => m.Contents)];
}
