using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.OpenAI;

/// <summary>Makes chat options of what came over the wire.</summary>
internal static class OptionsReader
{
    public static ChatOptions Read(ChatCompletionRequest request)
    {
        Range(request.Temperature, 0, 2, "temperature");
        Range(request.TopP, 0, 1, "top_p");
        Range(request.FrequencyPenalty, -2, 2, "frequency_penalty");
        Range(request.PresencePenalty, -2, 2, "presence_penalty");
        int? limit = request.MaxCompletionTokens ?? request.MaxTokens;
        Require(limit is null or > 0, "max_completion_tokens", "max_completion_tokens must be at least 1.");
        Require(request.N is null or 1, "n", "n must be 1: one answer a request.");
        Require(request.Stop is null or { Count: <= 16 }, "stop", "stop holds at most 16 sequences.");
        Require(request.Stop?.Contains(null!) is not true, "stop", "stop must not hold null.");
        Require(request.Functions is null, "functions", "functions is no longer supported; use tools.");
        Require(request.TopLogprobs is null or (>= 0 and <= 20), "top_logprobs", "top_logprobs must be 0 to 20.");
        ChatOptions options = new()
        {
            ModelId = string.IsNullOrEmpty(request.Model) ? null : request.Model,
            MaxOutputTokens = limit,
            Temperature = request.Temperature,
            TopP = request.TopP,
            FrequencyPenalty = request.FrequencyPenalty,
            PresencePenalty = request.PresencePenalty,
            Seed = request.Seed,
            StopSequences = request.Stop,
            ResponseFormat = FormatOf(request.ResponseFormat),
        };
        ToolReader.Read(request, options);
        Reasoning(request.ReasoningEffort, options);
        if (request.Logprobs is true)
        {
            AdditionalPropertiesDictionary extra = options.AdditionalProperties ??= [];
            extra["logprobs"] = true;
            if (request.TopLogprobs is { } top)
            {
                extra["top_logprobs"] = top;
            }
        }

        if (request.ResponseFormat?.JsonSchema?.Strict is { } strict)
        {
            (options.AdditionalProperties ??= [])["strict"] = strict;
        }

        return options;
    }

    private static void Reasoning(string? effort, ChatOptions options)
    {
        if (effort is not null)
        {
            options.Reasoning = new ReasoningOptions
            {
                Effort = effort switch
                {
                    "none" or "minimal" => ReasoningEffort.None,
                    "low" => ReasoningEffort.Low,
                    "medium" => ReasoningEffort.Medium,
                    "high" => ReasoningEffort.High,
                    "xhigh" => ReasoningEffort.ExtraHigh,
                    _ => throw new ApiException("invalid_request", "reasoning_effort must be none, minimal, low, medium, high or xhigh.", "reasoning_effort"),
                },
            };
        }
    }

    private static ChatResponseFormat? FormatOf(WireResponseFormat? format) => format switch
    {
        null => null,
        { Type: "text" } => ChatResponseFormat.Text,
        { Type: "json_object" } => ChatResponseFormat.Json,
        { Type: "json_schema", JsonSchema: { Schema: { ValueKind: JsonValueKind.Object } schema } json } => ChatResponseFormat.ForJsonSchema(schema, json.Name, json.Description),
        { Type: "json_schema" } => throw new ApiException("invalid_request", "response_format.json_schema must have a name and a schema that is an object.", "response_format.json_schema"),
        _ => throw new ApiException("invalid_request", "response_format.type must be text, json_object or json_schema.", "response_format.type"),
    };

    private static void Range(float? value, float least, float most, string name) =>
        Require(value is null || (float.IsFinite(value.Value) && value >= least && value <= most), name, $"{name} must be {least} to {most}.");

    private static void Require(bool holds, string name, string detail)
    {
        if (!holds)
        {
            throw new ApiException("invalid_request", detail, name);
        }
    }
}
