using System.Text;
using Microsoft.Extensions.AI;

namespace Providers.Streaming;

/// <summary>
/// Takes off the start of a continuation what it repeats of the partial answer: its tail, or all of it. Text is held back only while it
/// could still be a repetition, and only a repetition of some length counts: a shared letter at the seam is no overlap.
/// </summary>
internal sealed class OverlapTrimmer(string partial)
{
    private const int ShortestOverlap = 8;
    private readonly StringBuilder _text = new();
    private readonly List<ChatResponseUpdate> _held = [];
    private bool _decided;

    /// <summary>Adds an update and returns those that may pass now, in order.</summary>
    public IReadOnlyList<ChatResponseUpdate> Add(ChatResponseUpdate update)
    {
        if (_decided)
        {
            return [update];
        }

        _held.Add(update);
        _text.Append(update.Text);
        if (StreamSemantics.IsTerminal(update) || !CouldRepeat(_text.ToString()))
        {
            return Decide();
        }

        return [];
    }

    /// <summary>Returns what is still held when the continuation has ended.</summary>
    public IReadOnlyList<ChatResponseUpdate> Complete() => _decided ? [] : Decide();

    private bool CouldRepeat(string text) => text.Length < partial.Length && partial.Contains(text, StringComparison.Ordinal);

    private List<ChatResponseUpdate> Decide()
    {
        _decided = true;
        int cut = Overlap(_text.ToString());
        List<ChatResponseUpdate> passed = [];
        foreach (ChatResponseUpdate update in _held)
        {
            string text = update.Text;
            int here = Math.Min(cut, text.Length);
            cut -= here;
            if (here == 0)
            {
                passed.Add(update);
            }
            else if (here < text.Length || StreamSemantics.IsTerminal(update))
            {
                passed.Add(WithText(update, text[here..]));
            }
        }

        return passed;
    }

    private int Overlap(string text)
    {
        int shortest = Math.Min(ShortestOverlap, partial.Length);
        for (int length = Math.Min(text.Length, partial.Length); length >= shortest; length--)
        {
            if (partial.AsSpan(partial.Length - length).SequenceEqual(text.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }

    private static ChatResponseUpdate WithText(ChatResponseUpdate update, string text)
    {
        ChatResponseUpdate rest = update.Clone();
        rest.Contents = [.. update.Contents.Where(static c => c is not TextContent)];
        if (text.Length > 0)
        {
            rest.Contents.Insert(0, new TextContent(text));
        }

        return rest;
    }
}
