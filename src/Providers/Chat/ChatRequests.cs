using Microsoft.Extensions.AI;
using Providers.Plans;
using Providers.Routing;

namespace Providers.Chat;

/// <summary>Makes what one target is asked from what the caller asked. The caller's messages and options are never changed.</summary>
internal static class ChatRequests
{
    public static RequestPreferences? PreferencesOf(ChatOptions? options) =>
        options?.AdditionalProperties is { } properties && properties.TryGetValue(RequestPreferences.Key, out object? value) ? value as RequestPreferences : null;

    /// <summary>Lists the messages once: a sequence may only be read one time, and there may be several attempts.</summary>
    public static IReadOnlyList<ChatMessage> ListOf(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return messages as IReadOnlyList<ChatMessage> ?? [.. messages];
    }

    public static void ReadNeeds(Call call, IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        if (call.Route.ReadsNeeds)
        {
            call.Needs = RequestNeeds.Capabilities(messages, options);
        }

        if (call.Route.CountsTokens)
        {
            call.Tokens = RequestNeeds.Tokens(messages);
            call.ReservedTokens = (int)Math.Min(int.MaxValue, call.Tokens + (long)Math.Max(0, options?.MaxOutputTokens ?? 0));
        }
    }

    public static ChatOptions? OptionsFor(Call call, TargetPlan target, ChatOptions? options)
    {
        string? model = target.ModelId ?? call.ModelOverride;
        if (options is null)
        {
            return target.DefaultOptions; // a request without options names no model
        }

        if (options.ModelId == model && call.Preferences is null && target.Configure is null)
        {
            return options;
        }

        ChatOptions copy = options.Clone();
        copy.ModelId = model;
        if (call.Preferences is not null)
        {
            copy.AdditionalProperties!.Remove(RequestPreferences.Key);
        }

        target.Configure?.Invoke(copy);
        return copy;
    }
}
