using Microsoft.Extensions.AI;

namespace Providers.AspNetCore.OpenAI;

/// <summary>How many tokens a request may come to: its text, and the longest answer where the caller bounds it.</summary>
internal static class TokenEstimate
{
    // A token is about four characters of English; a message costs a few more for its frame, an image some hundreds.
    private const int CharactersPerToken = 4;
    private const int TokensPerMessage = 4;
    private const int TokensPerImage = 800;

    public static int Of(List<ChatMessage> messages, ChatOptions options)
    {
        long characters = 0, others = 0;
        foreach (ChatMessage message in messages)
        {
            foreach (AIContent content in message.Contents)
            {
                switch (content)
                {
                    case TextContent text:
                        characters += text.Text.Length;
                        break;
                    case FunctionResultContent { Result: string result }:
                        characters += result.Length;
                        break;
                    default:
                        others++;
                        break;
                }
            }
        }

        return (int)Math.Min(int.MaxValue, (characters / CharactersPerToken) + ((long)messages.Count * TokensPerMessage) + (others * TokensPerImage) + (options.MaxOutputTokens ?? 0));
    }
}
