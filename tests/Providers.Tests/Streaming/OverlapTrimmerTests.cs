using CsCheck;
using Providers.Streaming;

namespace Providers.Tests.Streaming;

public sealed class OverlapTrimmerTests
{
    /// <summary>Whatever a continuation repeats of the partial answer's end, in whatever pieces it comes, is taken off; all else arrives in order.</summary>
    [Fact]
    public void Add_ContinuationRepeatsTheTail_WhatPassesIsWhatIsNew() =>
        Gen.Select(Gen.String[Gen.Char['a', 'z'], 20, 60], Gen.String[Gen.Char['A', 'Z'], 1, 40], Gen.Int[8, 20], Gen.Int[1, 9], Gen.Bool).Sample((partial, fresh, overlap, piece, finish) =>
        {
            string continuation = partial[^overlap..] + fresh;
            return Feed(new OverlapTrimmer(partial), continuation, piece, finish).Text == fresh;
        });

    [Fact]
    public void Add_ContinuationRepeatsNothing_AllPasses() =>
        Gen.Select(Gen.String[Gen.Char['a', 'm'], 8, 60], Gen.String[Gen.Char['n', 'z'], 0, 40], Gen.Int[1, 9], Gen.Bool).Sample((partial, fresh, piece, finish) =>
            Feed(new OverlapTrimmer(partial), fresh, piece, finish).Text == fresh);

    [Theory]
    [InlineData("The quick brown", "n fox", "n fox")] // one letter is no repetition
    [InlineData("The quick brown", " brown fox", " brown fox")] // nor are six
    [InlineData("The quick brown", "ck brown fox", " fox")] // eight are
    [InlineData("Short", "Short and more", " and more")] // all of a short one is
    [InlineData("The quick brown", "The quick brown", "")] // said again, and nothing more
    public void Add_OneContinuation_PassesWhatIsNew(string partial, string continuation, string passes) =>
        Feed(new OverlapTrimmer(partial), continuation, 4, finish: true).Text.Should().Be(passes);

    [Fact]
    public void Add_SeamInsideAnUpdate_KeepsItsOtherContentsAndItsFinish()
    {
        OverlapTrimmer trimmer = new("The quick brown");
        ChatResponseUpdate update = new(ChatRole.Assistant, [new TextContent("ck brown fox"), new TextReasoningContent("because")]) { FinishReason = ChatFinishReason.Stop };
        ChatResponseUpdate passed = trimmer.Add(update).Should().ContainSingle().Which;
        passed.Text.Should().Be(" fox");
        passed.Contents.OfType<TextReasoningContent>().Should().ContainSingle().Which.Text.Should().Be("because");
        passed.FinishReason.Should().Be(ChatFinishReason.Stop);
        update.Text.Should().Be("ck brown fox", "the client's own update is not changed");
        trimmer.Complete().Should().BeEmpty("nothing is held any more");
    }

    [Fact]
    public void Add_LastUpdateIsAllRepetition_ItsFinishStillPasses()
    {
        OverlapTrimmer trimmer = new("The quick brown");
        ChatResponseUpdate passed = trimmer.Add(new ChatResponseUpdate(ChatRole.Assistant, "ck brown") { FinishReason = ChatFinishReason.Stop }).Should().ContainSingle().Which;
        passed.Text.Should().BeEmpty();
        passed.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Fact]
    public void Add_TextThatCouldStillBeARepetition_IsHeldUntilItIsDecided()
    {
        OverlapTrimmer trimmer = new("The quick brown");
        trimmer.Add(new ChatResponseUpdate(ChatRole.Assistant, "ck br")).Should().BeEmpty();
        trimmer.Add(new ChatResponseUpdate(ChatRole.Assistant, "oom")).Select(static u => u.Text).Should().Equal(["ck br", "oom"], "it was none after all");
        trimmer.Add(new ChatResponseUpdate(ChatRole.Assistant, "The quick")).Should().ContainSingle("once decided, all passes at once");
    }

    private static ChatResponse Feed(OverlapTrimmer trimmer, string text, int piece, bool finish)
    {
        List<ChatResponseUpdate> passed = [];
        for (int at = 0; at < text.Length; at += piece)
        {
            passed.AddRange(trimmer.Add(new ChatResponseUpdate(ChatRole.Assistant, text.Substring(at, Math.Min(piece, text.Length - at)))));
        }

        if (finish)
        {
            passed.AddRange(trimmer.Add(new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop }));
        }

        passed.AddRange(trimmer.Complete());
        return passed.ToChatResponse();
    }
}
