using Microsoft.Extensions.AI;

namespace Providers.Streaming;

/// <summary>
/// The rules between a source's updates and the caller's: tool calls wait for the finish reason, usage is reported once at the end,
/// all else passes in order. Remembers what arrived, for the exception of a broken stream and for its continuation.
/// </summary>
internal sealed class StreamAssembly
{
    private const int MostKept = 4096;
    private readonly Queue<ChatResponseUpdate> _ready = new();
    private readonly List<ChatResponseUpdate> _held = [];
    private UsageDetails? _usage;
    private ChatResponseUpdate? _usageCarrier;

    /// <summary>Gets everything that was handed to the caller.</summary>
    public List<ChatResponseUpdate> Delivered { get; } = [];

    public bool Finished { get; private set; }

    /// <summary>Gets a value indicating whether a tool call is held back.</summary>
    public bool HoldsToolCall => _held.Count > 0;

    /// <summary>Gets what the source said was used; <see langword="null"/> when it said nothing, or once it was reported.</summary>
    public UsageDetails? Usage => _usage;

    /// <summary>Says whether an update may pass without being looked at further: plain text before the end.</summary>
    public bool IsPlain(ChatResponseUpdate update) =>
        !Finished && _held.Count == 0 && _ready.Count == 0 && update.FinishReason is null
        && update.Contents is { Count: 1 } contents && contents[0].GetType() == typeof(TextContent);

    public bool HasReady => _ready.Count > 0;

    public bool TryTake(out ChatResponseUpdate update)
    {
        if (!_ready.TryDequeue(out update!))
        {
            return false;
        }

        Delivered.Add(update);
        return true;
    }

    public void Add(ChatResponseUpdate update)
    {
        if (TakeUsage(update) is not { } rest)
        {
            return;
        }

        update = rest;
        if (StreamSemantics.IsTerminal(update))
        {
            Finished = true;
        }

        if (!Finished && (_held.Count > 0 || StreamSemantics.HasToolCall(update)))
        {
            _held.Add(update);
            return;
        }

        foreach (ChatResponseUpdate held in _held)
        {
            _ready.Enqueue(held);
        }

        _held.Clear();
        _ready.Enqueue(update);
    }

    /// <summary>Adds what is due when the source has ended: the usage, once.</summary>
    public void Complete()
    {
        if (_usage is null)
        {
            return;
        }

        _ready.Enqueue(new ChatResponseUpdate(null, [new UsageContent(_usage)])
        {
            ResponseId = _usageCarrier!.ResponseId,
            MessageId = _usageCarrier.MessageId,
            ModelId = _usageCarrier.ModelId,
            CreatedAt = _usageCarrier.CreatedAt,
        });
        _usage = null;
    }

    /// <summary>Forgets a source that broke; what was delivered stays.</summary>
    public void DropSource()
    {
        _held.Clear();
        _ready.Clear();
        _usage = null;
        Finished = false;
    }

    /// <summary>Forgets everything, for another stream; a very long one gives its room back.</summary>
    public void Clear()
    {
        DropSource();
        _usageCarrier = null;
        Delivered.Clear();
        if (Delivered.Capacity > MostKept)
        {
            Delivered.Capacity = MostKept;
        }
    }

    // Some servers repeat a running total on every chunk, some send it beside the last choice: the last one counts.
    private ChatResponseUpdate? TakeUsage(ChatResponseUpdate update)
    {
        IList<AIContent> contents = update.Contents;
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is not UsageContent)
            {
                continue;
            }

            _usageCarrier = update;
            update = update.Clone();
            update.Contents = [];
            foreach (AIContent content in contents)
            {
                if (content is UsageContent usage)
                {
                    _usage = usage.Details;
                }
                else
                {
                    update.Contents.Add(content);
                }
            }

            return update.Contents.Count > 0 || StreamSemantics.IsTerminal(update) ? update : null;
        }

        return update;
    }
}
