using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;

namespace Providers.Http;

/// <summary>One answer on its way through the stream guard.</summary>
internal sealed class GuardedTurn
{
    private readonly Queue<ChatResponseUpdate> _held = new();
    private readonly List<ChatResponseUpdate> _given = [];
    private bool _committed;
    private bool _calling;

    /// <summary>Whether the finish reason was seen.</summary>
    public bool IsComplete { get; private set; }

    public void Add(ChatResponseUpdate update)
    {
        bool call = StreamSemantics.HasToolCall(update);
        _calling |= call;
        _committed |= !_calling && StreamSemantics.HasContent(update);
        IsComplete |= StreamSemantics.IsTerminal(update);
        _held.Enqueue(update);
    }

    /// <summary>Takes the next update that may be handed out; from the first tool call on, all wait for the end, in order.</summary>
    public bool TryTake([MaybeNullWhen(false)] out ChatResponseUpdate update)
    {
        if (!_held.TryPeek(out update) || (!IsComplete && (!_committed || StreamSemantics.HasToolCall(update))))
        {
            return false;
        }

        _given.Add(_held.Dequeue());
        return true;
    }

    public ProviderException Fail(ProviderFailure failure, Exception? inner)
    {
        ProviderException? known = inner as ProviderException;
        if (known is not null && _given.Count is 0)
        {
            return known;
        }

        return new ProviderException(failure, known?.Provider, known?.Model, known?.InnerException ?? inner)
        {
            OutputCommitted = _given.Exists(StreamSemantics.HasContent),
            PartialResponse = _given.Count > 0 ? _given.ToChatResponse() : null,
        };
    }
}
