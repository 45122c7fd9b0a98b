using Microsoft.Extensions.AI;

namespace Providers.Routing;

/// <summary>What a request needs of a model, found in its options and the kinds of its contents. Bodies are not read, only their lengths.</summary>
internal static class RequestNeeds
{
    // A token is about four characters of English; a message costs a few more for its frame.
    private const int CharactersPerToken = 4;
    private const int TokensPerMessage = 4;

    public static ModelCapabilities Capabilities(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        ModelCapabilities needs = ModelCapabilities.None;
        if (options?.Tools is { Count: > 0 })
        {
            needs |= ModelCapabilities.Tools;
        }

        if (options?.ResponseFormat is ChatResponseFormatJson { Schema: not null })
        {
            needs |= ModelCapabilities.JsonSchema;
        }

        for (int i = 0; i < messages.Count; i++)
        {
            IList<AIContent> contents = messages[i].Contents;
            for (int j = 0; j < contents.Count; j++)
            {
                if (contents[j] is DataContent data && data.HasTopLevelMediaType("image")
                    || contents[j] is UriContent uri && uri.HasTopLevelMediaType("image"))
                {
                    return needs | ModelCapabilities.Vision;
                }
            }
        }

        return needs;
    }

    public static int Tokens(IReadOnlyList<ChatMessage> messages)
    {
        long characters = 0;
        for (int i = 0; i < messages.Count; i++)
        {
            IList<AIContent> contents = messages[i].Contents;
            for (int j = 0; j < contents.Count; j++)
            {
                characters += contents[j] switch
                {
                    TextContent text => text.Text.Length,
                    TextReasoningContent reasoning => reasoning.Text.Length,
                    _ => 0,
                };
            }
        }

        return (int)Math.Min(int.MaxValue, (characters / CharactersPerToken) + ((long)messages.Count * TokensPerMessage));
    }

    public static int Tokens(IReadOnlyList<string> texts)
    {
        long characters = 0;
        for (int i = 0; i < texts.Count; i++)
        {
            characters += texts[i].Length;
        }

        return (int)Math.Min(int.MaxValue, (characters / CharactersPerToken) + texts.Count);
    }
}
