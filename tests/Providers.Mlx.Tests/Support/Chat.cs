using Microsoft.Extensions.AI;

namespace Providers.Mlx.Tests;

/// <summary>What the chat tests ask, and what they get.</summary>
internal static class Chat
{
    public static readonly ChatMessage[] Question = [new(ChatRole.User, "Capital of Norway?")];

    public static MlxProvider Attach(RawServer server, Action<MlxProviderOptions>? configure = null, ListLogger? logger = null)
    {
        MlxProviderOptions options = new() { BaseUrl = server.Address };
        configure?.Invoke(options);
        return new MlxProvider("mlx", options, logger);
    }

    public static MlxProvider Launch(StubServer stub, Action<MlxProviderOptions>? configure = null)
    {
        MlxProviderOptions options = new() { Launch = stub.Launch, MaxOutputTokens = 64 };
        configure?.Invoke(options);
        return new MlxProvider("mlx", options, stub.Logger);
    }

    public static Task<ChatResponse> AskAsync(MlxProvider provider, ChatOptions? options = null) =>
        provider.ChatClient!.GetResponseAsync(Question, options, TestContext.Current.CancellationToken);

    public static Task<ChatResponse> AskAsync(MlxProvider provider, string prompt) =>
        provider.ChatClient!.GetResponseAsync([new ChatMessage(ChatRole.User, prompt)], null, TestContext.Current.CancellationToken);

    /// <summary>Streams to the end or the failure.</summary>
    public static async Task<(List<ChatResponseUpdate> Updates, ProviderException? Failure)> StreamAsync(MlxProvider provider, ChatOptions? options = null, string? prompt = null)
    {
        List<ChatResponseUpdate> updates = [];
        try
        {
            ChatMessage[] messages = prompt is null ? Question : [new ChatMessage(ChatRole.User, prompt)];
            await foreach (ChatResponseUpdate update in provider.ChatClient!.GetStreamingResponseAsync(messages, options, TestContext.Current.CancellationToken))
            {
                updates.Add(update);
            }

            return (updates, null);
        }
        catch (ProviderException e)
        {
            return (updates, e);
        }
    }

    public static async Task<ProviderException> FailsAsync(MlxProvider provider, ChatOptions? options = null, params ChatMessage[] messages)
    {
        Func<Task> ask = () => provider.ChatClient!.GetResponseAsync(messages is [] ? Question : messages, options, TestContext.Current.CancellationToken);
        return (await ask.Should().ThrowAsync<ProviderException>()).Which;
    }
}
