using System.Text;
using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>Holds the text of an answer back until it is known to be the JSON that was asked for; reasoning passes.</summary>
internal sealed class JsonHold(ChatResponseFormatJson format)
{
    private readonly StringBuilder _text = new();
    private readonly List<ChatResponseUpdate> _held = [];
    private bool _calls;

    /// <summary>Whether an update may be handed on now.</summary>
    public bool Passes(ChatResponseUpdate update)
    {
        bool holds = update.FinishReason is not null || _held.Count > 0 || update.Contents.Any(static c => c is not TextReasoningContent);
        if (holds)
        {
            _calls |= StreamSemantics.HasToolCall(update);
            _text.Append(update.Text);
            _held.Add(update);
        }

        return !holds;
    }

    /// <summary>The held updates with the checked JSON in place of their text.</summary>
    /// <exception cref="InvalidDataException">The answer is not what was asked for.</exception>
    public IReadOnlyList<ChatResponseUpdate> Release()
    {
        if (_calls || _held.Count is 0)
        {
            return _held;
        }

        string json = PromptedJson.Check(_text.ToString(), format);
        foreach (ChatResponseUpdate update in _held)
        {
            update.Contents = [.. update.Contents.Where(static c => c is not TextContent)];
        }

        _held[0].Contents = [new TextContent(json), .. _held[0].Contents];
        return _held;
    }
}
