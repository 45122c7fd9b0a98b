using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Providers.OpenAI.Tests.Support;

/// <summary>The answers and calls that most tests need.</summary>
internal static class Chats
{
    public const string Answer = """{"id":"c","object":"chat.completion","created":1,"model":"sable-2","choices":[{"index":0,"message":{"role":"assistant","content":"Oslo"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""";

    public const string Done = "data: [DONE]";

    public static Reply Stream { get; } = Reply.Sse(Delta("Os"), Delta("lo"), Finish("stop"), Done);

    public static string Delta(string text) => Chunk($$"""{"content":"{{text}}"}""", "null");

    public static string Finish(string reason) => Chunk("{}", $"\"{reason}\"");

    public static string Chunk(string delta, string finish) =>
        $$"""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"sable-2","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]}""";

    public static OpenAIProvider Provider(Uri endpoint, Action<OpenAIProviderOptions>? configure = null, TimeProvider? clock = null)
    {
        OpenAIProviderOptions options = new() { Endpoint = endpoint, DefaultModel = "sable" };
        configure?.Invoke(options);
        return new OpenAIProvider("o", options, null, clock);
    }

    public static Task<ChatResponse> AskAsync(this OpenAIProvider provider, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        provider.ChatClient!.GetResponseAsync([new ChatMessage(ChatRole.User, "Capital of Norway?")], options, cancellationToken);

    /// <summary>Streams an answer; what came before a failure stays in <paramref name="updates"/>.</summary>
    public static async Task StreamAsync(this OpenAIProvider provider, List<ChatResponseUpdate> updates, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await foreach (ChatResponseUpdate update in provider.ChatClient!.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Capital of Norway?")], options, cancellationToken))
        {
            updates.Add(update);
        }
    }

    /// <summary>Calls in the way a row asks for and returns what the caller sees.</summary>
    public static async Task<(Exception? Seen, string Text)> CallAsync(this OpenAIProvider provider, bool streaming, CancellationToken cancellationToken = default)
    {
        List<ChatResponseUpdate> updates = [];
        try
        {
            if (streaming)
            {
                await provider.StreamAsync(updates, null, cancellationToken);
            }
            else
            {
                updates.AddRange((await provider.AskAsync(null, cancellationToken)).ToChatResponseUpdates());
            }

            return (null, updates.ToChatResponse().Text);
        }
        catch (Exception e)
        {
            return (e, updates.ToChatResponse().Text);
        }
    }

    /// <summary>Moves the clock until the task ends; no test waits for real time to pass.</summary>
    public static async Task<T> AdvanceUntilAsync<T>(this FakeTimeProvider clock, Task<T> task, TimeSpan step)
    {
        while (!task.IsCompleted)
        {
            clock.Advance(step);
            await Task.Yield();
        }

        return await task;
    }
}
