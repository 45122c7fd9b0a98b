using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace Providers.OpenAI;

/// <summary>Makes a caller's options into those for one server. The caller's own object stays as it is.</summary>
internal static class ChatRequest
{
    public static ChatOptions Prepare(ChatOptions? options, string model, ProfileTraits traits)
    {
        ChatOptions prepared = options?.Clone() ?? new ChatOptions();
        prepared.ModelId = model;
        int? limit = traits.SendsMaxTokens ? prepared.MaxOutputTokens : null;
        bool dropsChoice = !traits.SendsAutoToolChoice && prepared.ToolMode is null or AutoChatToolMode;
        bool probabilities = LogProbabilities.AreAsked(prepared);
        if (limit is not null || probabilities || (dropsChoice && prepared.Tools is { Count: > 0 }))
        {
            prepared.RawRepresentationFactory = Patched(prepared.RawRepresentationFactory, limit, dropsChoice && prepared.Tools is { Count: > 0 }, probabilities ? prepared : null);
        }

        return prepared;
    }

    private static Func<IChatClient, object?> Patched(Func<IChatClient, object?>? own, int? limit, bool dropsChoice, ChatOptions? probabilities) => client =>
    {
        ChatCompletionOptions raw = own?.Invoke(client) as ChatCompletionOptions ?? new ChatCompletionOptions();
        if (probabilities is not null)
        {
            LogProbabilities.Ask(raw, probabilities);
        }

#pragma warning disable SCME0001 // JSON Patch is the SDK's only way to write what it has no property for
        if (limit is { } tokens)
        {
            raw.Patch.Set("$.max_tokens"u8, tokens); // older servers and Ollama's and KoboldCpp's /v1 read nothing else
        }

        if (dropsChoice)
        {
            raw.Patch.Remove("$.tool_choice"u8); // "auto" is the default where tools are known, and an error where they are not
        }
#pragma warning restore SCME0001

        return raw;
    };
}
