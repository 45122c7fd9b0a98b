using Microsoft.Extensions.AI;

namespace Providers;

/// <summary>What counts as content and as the end of a stream: guard, router and tests agree on it here.</summary>
public static class StreamSemantics
{
    /// <summary>Says whether an update carries content: text, reasoning, a tool call, data. Role, metadata, usage and empty text do not.</summary>
    /// <param name="update">The update.</param>
    /// <returns><see langword="true"/> when handing it to the caller commits the stream.</returns>
    public static bool HasContent(ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        IList<AIContent> contents = update.Contents;
        for (int i = 0; i < contents.Count; i++)
        {
            if (IsContent(contents[i]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Says whether a piece of an answer is content.</summary>
    /// <param name="content">The piece.</param>
    /// <returns><see langword="false"/> for usage and for empty text or reasoning.</returns>
    public static bool IsContent(AIContent content) => content switch
    {
        TextContent text => !string.IsNullOrEmpty(text.Text),
        TextReasoningContent reasoning => !string.IsNullOrEmpty(reasoning.Text) || reasoning.ProtectedData is not null,
        UsageContent => false,
        null => false,
        _ => true,
    };

    /// <summary>Says whether an update carries a tool call, which may only be released after the terminal mark.</summary>
    /// <param name="update">The update.</param>
    /// <returns><see langword="true"/> when it does.</returns>
    public static bool HasToolCall(ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        IList<AIContent> contents = update.Contents;
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionCallContent)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Says whether an update carries the terminal mark: without one, a stream that ended was cut.</summary>
    /// <param name="update">The update.</param>
    /// <returns><see langword="true"/> when it has a finish reason.</returns>
    public static bool IsTerminal(ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return update.FinishReason is not null;
    }
}
