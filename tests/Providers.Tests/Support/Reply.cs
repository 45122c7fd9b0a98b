using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Providers.Tests.Support;

/// <summary>Answers a fake gives: the canonical one is 60 tokens, so that a lost, doubled or moved one shows.</summary>
internal static class Reply
{
    public const int Length = 60;

    public static string Canonical { get; } = string.Concat(Enumerable.Range(0, Length).Select(Token));

    public static string Token(int index) => $"t{index:00} ";

    public static ChatResponse Whole(string text) => new(new ChatMessage(ChatRole.Assistant, text)) { FinishReason = ChatFinishReason.Stop };

    /// <summary>The canonical stream from one token up to another, cut there unless it is the last.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> Tokens(int from = 0, int to = Length, bool finish = true, Exception? then = null)
    {
        await Task.CompletedTask;
        yield return new ChatResponseUpdate { Role = ChatRole.Assistant };
        for (int i = from; i < to; i++)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, Token(i));
        }

        if (then is not null)
        {
            throw then;
        }

        if (finish)
        {
            yield return new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop };
            yield return Usage(7, Length);
        }
    }

    public static ChatResponseUpdate Usage(int input, int output) => new()
    {
        Contents = [new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output })],
    };

    public static async IAsyncEnumerable<ChatResponseUpdate> Throws(Exception error)
    {
        await Task.CompletedTask;
        yield return new ChatResponseUpdate { Role = ChatRole.Assistant };
        throw error;
    }

    public static async IAsyncEnumerable<ChatResponseUpdate> Of(params ChatResponseUpdate[] updates)
    {
        await Task.CompletedTask;
        foreach (ChatResponseUpdate update in updates)
        {
            yield return update;
        }
    }

    /// <summary>So many tokens, then nothing for ever.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> Silence(int after, [EnumeratorCancellation] CancellationToken token)
    {
        for (int i = 0; i < after; i++)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, Token(i));
        }

        await Never<int>(token);
    }

    /// <summary>One token each time the clock has moved on.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> Paced(TimeProvider clock, TimeSpan pause, int count = Length, [EnumeratorCancellation] CancellationToken token = default)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Delay(pause, clock, token);
            yield return new ChatResponseUpdate(ChatRole.Assistant, Token(i));
        }

        yield return new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop };
    }

    public static Task<T> Never<T>(CancellationToken token)
    {
        TaskCompletionSource<T> never = new();
        token.Register(() => never.TrySetCanceled(token));
        return never.Task;
    }

    public static GeneratedEmbeddings<Embedding<float>> Vectors(int count, int dimensions, float value = 0.5f) =>
        new(Enumerable.Range(0, count).Select(i => new Embedding<float>(Enumerable.Repeat(value + i, dimensions).ToArray())))
        {
            Usage = new UsageDetails { InputTokenCount = count, TotalTokenCount = count },
        };
}
