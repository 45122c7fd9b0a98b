using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.OpenAI;

/// <summary>Reads what an answer used, into what the SDK and Microsoft.Extensions.AI make of it.</summary>
internal static class PlainUsage
{
    /// <summary>Reads the value that the reader stands before.</summary>
    /// <param name="reader">Stands on the property's name; afterwards on the value's end.</param>
    /// <param name="usage">What was used; <see langword="null"/>: the value is null.</param>
    /// <returns><see langword="false"/>: there is something in it that is not known here.</returns>
    public static bool TryRead(ref Utf8JsonReader reader, out UsageDetails? usage)
    {
        usage = null;
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return reader.TokenType is JsonTokenType.Null;
        }

        UsageDetails read = new() { AdditionalCounts = [] };
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8))
            {
                read.InputTokenCount = Number(ref reader);
            }
            else if (reader.ValueTextEquals("completion_tokens"u8))
            {
                read.OutputTokenCount = Number(ref reader);
            }
            else if (reader.ValueTextEquals("total_tokens"u8))
            {
                read.TotalTokenCount = Number(ref reader);
            }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8))
            {
                if (!TryInput(ref reader, read))
                {
                    return false;
                }
            }
            else if (!reader.ValueTextEquals("completion_tokens_details"u8) || !TryOutput(ref reader, read))
            {
                return false;
            }
        }

        usage = read;
        return read is { InputTokenCount: not null, OutputTokenCount: not null, TotalTokenCount: not null };
    }

    private static bool TryInput(ref Utf8JsonReader reader, UsageDetails usage)
    {
        int cached = 0, audio = 0;
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return reader.TokenType is JsonTokenType.Null;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (!(reader.ValueTextEquals("cached_tokens"u8) ? TryCount(ref reader, out cached) : reader.ValueTextEquals("audio_tokens"u8) && TryCount(ref reader, out audio)))
            {
                return false;
            }
        }

        usage.CachedInputTokenCount = cached;
        usage.AdditionalCounts!["InputTokenDetails.AudioTokenCount"] = audio;
        return true;
    }

    private static bool TryOutput(ref Utf8JsonReader reader, UsageDetails usage)
    {
        int reasoning = 0, audio = 0, accepted = 0, rejected = 0;
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return reader.TokenType is JsonTokenType.Null;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            bool known = reader.ValueTextEquals("reasoning_tokens"u8) ? TryCount(ref reader, out reasoning)
                : reader.ValueTextEquals("audio_tokens"u8) ? TryCount(ref reader, out audio)
                : reader.ValueTextEquals("accepted_prediction_tokens"u8) ? TryCount(ref reader, out accepted)
                : reader.ValueTextEquals("rejected_prediction_tokens"u8) && TryCount(ref reader, out rejected);
            if (!known)
            {
                return false;
            }
        }

        usage.ReasoningTokenCount = reasoning;
        usage.AdditionalCounts!["OutputTokenDetails.AudioTokenCount"] = audio;
        usage.AdditionalCounts["OutputTokenDetails.AcceptedPredictionTokenCount"] = accepted;
        usage.AdditionalCounts["OutputTokenDetails.RejectedPredictionTokenCount"] = rejected;
        return true;
    }

    private static int? Number(ref Utf8JsonReader reader) => TryCount(ref reader, out int number) ? number : null;

    private static bool TryCount(ref Utf8JsonReader reader, out int count)
    {
        count = 0;
        return reader.Read() && reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out count);
    }
}
