using Microsoft.Extensions.AI;
using Providers.Routing;

namespace Providers.Streaming;

/// <summary>When and how a broken stream may be continued by another target. Opt-in, and never inside a tool call.</summary>
internal static class StreamContinuation
{
    public static bool IsPossible(Call call, StreamAssembly assembly, int continuations) =>
        (call.Preferences?.StreamRecovery ?? call.Route.Recovery) is StreamRecovery.Continue
        && continuations < call.Plan.Options.Streams.MaxContinuations
        && !call.FailoverDisabled
        && !assembly.HoldsToolCall
        && assembly.Delivered.TrueForAll(static u => !StreamSemantics.HasToolCall(u))
        && assembly.Delivered.Exists(static u => u.Text.Length > 0);

    public static string PartialText(StreamAssembly assembly) => string.Concat(assembly.Delivered.Select(static u => u.Text));

    public static IReadOnlyList<ChatMessage> Messages(IReadOnlyList<ChatMessage> messages, string partial, StreamOptions options)
    {
        List<ChatMessage> continued = [.. messages, new ChatMessage(ChatRole.Assistant, partial)];
        if (options.ContinuationPrompt is { } prompt)
        {
            continued.Add(new ChatMessage(ChatRole.User, prompt));
        }

        return continued;
    }
}
