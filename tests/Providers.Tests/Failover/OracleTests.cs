using CsCheck;
using Providers.Tests.Support;

namespace Providers.Tests.Failover;

/// <summary>On transient failures, ours picks the same clients in the same order as Microsoft's own ordered failover.</summary>
public sealed class OracleTests
{
    [Fact]
    public async Task Order_AgainstOrderedFailover_IsTheSame() =>
        await Gen.Select(Gen.Bool.Array[1, 8], Gen.Bool).SampleAsync(async (failing, streaming) =>
        {
            List<string> theirs = [], ours = [];
            FakeProvider[] expected = Make(failing, theirs);
            OrderedFailoverChatClient oracle = new(expected);
            (string? text, bool failed) wanted = await AskAsync(oracle, streaming);

            FakeProvider[] actual = Make(failing, ours);
            await using TestComposite composite = new(actual, static o => o.Retry.MaxRetries = 0);
            (string? text, bool failed) got = await AskAsync(composite.Chat, streaming);
            return wanted == got && theirs.SequenceEqual(ours);
        }, iter: 500);

    private static FakeProvider[] Make(bool[] failing, List<string> asked) =>
    [
        .. failing.Select((fails, i) =>
        {
            FakeProvider provider = new($"p{i}");
            provider.Answer = (_, _) =>
            {
                asked.Add(provider.Descriptor.Name);
                return fails ? Task.FromException<ChatResponse>(new IOException("down")) : Task.FromResult(Reply.Whole(provider.Descriptor.Name));
            };
            provider.Stream = (_, _) =>
            {
                asked.Add(provider.Descriptor.Name);
                return fails ? Fails() : Reply.Of(new ChatResponseUpdate(ChatRole.Assistant, provider.Descriptor.Name) { FinishReason = ChatFinishReason.Stop });
            };
            return provider;
        }),
    ];

    private static async IAsyncEnumerable<ChatResponseUpdate> Fails()
    {
        await Task.CompletedTask;
        yield return await Task.FromException<ChatResponseUpdate>(new IOException("down"));
    }

    private static async Task<(string? Text, bool Failed)> AskAsync(IChatClient client, bool streaming)
    {
        try
        {
            return (streaming ? (await client.GetStreamingResponseAsync("hi").ToChatResponseAsync()).Text : (await client.GetResponseAsync("hi")).Text, false);
        }
        catch (Exception)
        {
            return (null, true);
        }
    }
}
