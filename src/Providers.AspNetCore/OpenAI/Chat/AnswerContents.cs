using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.OpenAI;

/// <summary>Writes the pieces that whole answers and chunks have in common.</summary>
internal static class AnswerContents
{
    private const string RefusalCode = "Refusal";

    private static readonly JsonTypeInfo<IDictionary<string, object?>> s_arguments =
        (JsonTypeInfo<IDictionary<string, object?>>)new JsonSerializerOptions(AIJsonUtilities.DefaultOptions) { WriteIndented = false }.GetTypeInfo(typeof(IDictionary<string, object?>));

    /// <summary>Says whether a content is a call that the caller is to carry out; those a host's pipeline ran itself are not shown.</summary>
    public static bool IsCall(AIContent content) => content is FunctionCallContent { InformationalOnly: false };

    public static bool IsRefusal(AIContent content) => content is ErrorContent { ErrorCode: RefusalCode };

    /// <summary>Joins the contents of one sort.</summary>
    /// <returns><see langword="null"/>: there is none.</returns>
    public static string? Join(IList<AIContent> contents, Func<AIContent, string?> select)
    {
        string? only = null;
        StringBuilder? all = null;
        for (int i = 0; i < contents.Count; i++)
        {
            if (select(contents[i]) is { Length: > 0 } text)
            {
                if (only is null)
                {
                    only = text;
                }
                else
                {
                    (all ??= new StringBuilder(only)).Append(text);
                }
            }
        }

        return all?.ToString() ?? only;
    }

    public static string? TextOf(AIContent content) => content is TextContent text ? text.Text : null;

    public static string? ReasoningOf(AIContent content) => content is TextReasoningContent reasoning ? reasoning.Text : null;

    public static string? RefusalOf(AIContent content) => IsRefusal(content) ? ((ErrorContent)content).Message : null;

    /// <summary>Refuses calls that cannot be written, before anything of their answer is.</summary>
    /// <exception cref="ApiException">The arguments of a call are not JSON.</exception>
    public static void CheckCalls(IList<AIContent> contents)
    {
        for (int i = 0; i < contents.Count; i++)
        {
            if (IsCall(contents[i]) && ((FunctionCallContent)contents[i]).Exception is { } broken)
            {
                throw new ApiException(new ApiError("provider_failed", "The model called a tool with arguments that are not JSON.") { Exhausted = true }, broken);
            }
        }
    }

    /// <param name="index">The call's number in its answer, where the form has one.</param>
    public static void WriteCall(Utf8JsonWriter writer, FunctionCallContent call, int? index)
    {
        writer.WriteStartObject();
        if (index is { } number)
        {
            writer.WriteNumber("index"u8, number);
        }

        writer.WriteString("id"u8, call.CallId);
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, call.Name);
        writer.WriteString("arguments"u8, call.Arguments is null ? "{}" : JsonSerializer.Serialize(call.Arguments, s_arguments));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteUsage(Utf8JsonWriter writer, UsageDetails? usage)
    {
        long input = usage?.InputTokenCount ?? 0, output = usage?.OutputTokenCount ?? 0;
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("prompt_tokens"u8, input);
        writer.WriteNumber("completion_tokens"u8, output);
        writer.WriteNumber("total_tokens"u8, usage?.TotalTokenCount ?? input + output);
        if (usage?.CachedInputTokenCount is { } cached)
        {
            writer.WriteStartObject("prompt_tokens_details"u8);
            writer.WriteNumber("cached_tokens"u8, cached);
            writer.WriteEndObject();
        }

        if (usage?.ReasoningTokenCount is { } reasoning)
        {
            writer.WriteStartObject("completion_tokens_details"u8);
            writer.WriteNumber("reasoning_tokens"u8, reasoning);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes log probabilities where the adapter brought them, as OpenAI's own object.</summary>
    public static void WriteLogprobs(Utf8JsonWriter writer, AdditionalPropertiesDictionary? properties)
    {
        if (properties is not null && properties.TryGetValue("logprobs", out object? value) && value is JsonElement { ValueKind: JsonValueKind.Object } logprobs)
        {
            writer.WritePropertyName("logprobs"u8);
            logprobs.WriteTo(writer);
        }
        else
        {
            writer.WriteNull("logprobs"u8);
        }
    }
}
