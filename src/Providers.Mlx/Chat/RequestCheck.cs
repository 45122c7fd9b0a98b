using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>Refuses here what the server would answer by closing the connection, or by a 404 with a Python message.</summary>
internal static class RequestCheck
{
    private const int CharactersPerToken = 4;

    /// <summary>What is wrong with a request; <see langword="null"/> when it may be sent.</summary>
    public static ProviderFailure? Failure(IReadOnlyList<ChatMessage> messages, ChatOptions? options, int? contextWindow)
    {
        if (messages.Count is 0)
        {
            return Bad("The request has no messages.");
        }

        long characters = options?.Instructions?.Length ?? 0;
        foreach (ChatMessage message in messages)
        {
            if (string.IsNullOrWhiteSpace(message.Role.Value))
            {
                return Bad("A message of the request has no role.");
            }

            foreach (AIContent content in message.Contents)
            {
                if (Unsendable(content) is { } failure)
                {
                    return failure;
                }

                characters += (content as TextContent)?.Text?.Length ?? 0;
            }
        }

        return Options(options) ?? TooLong(characters, contextWindow);
    }

    private static ProviderFailure? Unsendable(AIContent content) => content switch
    {
        DataContent data when data.HasTopLevelMediaType("image") => NoImages(),
        UriContent uri when uri.HasTopLevelMediaType("image") => NoImages(),
        DataContent data => Bad($"A message holds content of type '{data.MediaType}'; this server reads only text."),
        UriContent uri => Bad($"A message holds content of type '{uri.MediaType}'; this server reads only text."),
        HostedFileContent or HostedVectorStoreContent => Bad("A message refers to a file at a provider; this server reads only text."),
        _ => null,
    };

    private static ProviderFailure? Options(ChatOptions? options) => options switch
    {
        null => null,
        { Temperature: { } t } when !(t >= 0 && float.IsFinite(t)) => Bad($"Temperature is {t}; it must be 0 or more."),
        { TopP: { } p } when !(p is >= 0 and <= 1) => Bad($"TopP is {p}; it must be 0 to 1."),
        { TopK: < 0 } => Bad($"TopK is {options.TopK}; it must be 0 or more."),
        { MaxOutputTokens: < 1 } => Bad($"MaxOutputTokens is {options.MaxOutputTokens}; it must be 1 or more."),
        { PresencePenalty: { } p } when !float.IsFinite(p) => Bad($"PresencePenalty is {p}; it must be a finite number."),
        { FrequencyPenalty: { } f } when !float.IsFinite(f) => Bad($"FrequencyPenalty is {f}; it must be a finite number."),
        { StopSequences: { } stops } when stops.Any(string.IsNullOrEmpty) => Bad("StopSequences has an empty entry."),
        { Tools: { } tools } when tools.Any(static t => t is not AIFunctionDeclaration) => Bad("Tools has a tool that runs at a provider; this server only calls functions."),
        _ => null,
    };

    // The server has no limit of its own: it reads on, slowly, until the machine is out of memory.
    private static ProviderFailure? TooLong(long characters, int? contextWindow) => contextWindow is { } window && characters / CharactersPerToken > window
        ? new ProviderFailure(FailureKind.ContextLengthExceeded, $"The prompt has about {characters / CharactersPerToken} tokens; the model's context window holds {window}.")
        {
            ContextWindow = window,
            PromptTokens = (int)Math.Min(characters / CharactersPerToken, int.MaxValue),
        }
        : null;

    private static ProviderFailure NoImages() =>
        new(FailureKind.BadRequest, "A message holds an image; mlx_lm.server reads only text.") { MissingCapability = ModelCapabilities.Vision };

    private static ProviderFailure Bad(string message) => new(FailureKind.BadRequest, message);
}
