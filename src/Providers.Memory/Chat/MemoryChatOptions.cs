namespace Providers.Memory;

/// <summary>What a chat writes into the memory when a turn ends.</summary>
public enum MemoryWriteBack
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>What the user said last.</summary>
    User,

    /// <summary>What the user said last, and the answer.</summary>
    UserAndAssistant,
}

/// <summary>How a chat pipeline uses the memory.</summary>
public sealed class MemoryChatOptions
{
    /// <summary>Gets or sets how many of the user's last messages are searched for.</summary>
    /// <value>1 to 20. Default: 3.</value>
    public int Turns { get; set; } = 3;

    /// <summary>Gets or sets how much room recalled memories may take, in tokens, estimated as a quarter of their characters.</summary>
    /// <value>16 to 100,000. Default: 1,000.</value>
    public int TokenBudget { get; set; } = 1_000;

    /// <summary>Gets or sets how many memories are recalled at most.</summary>
    /// <value>0, none, to 100. Default: 8.</value>
    public int Top { get; set; } = 8;

    /// <summary>Gets or sets the least score of a memory that is recalled.</summary>
    /// <value>0 (the default) to 1.</value>
    public double MinScore { get; set; }

    /// <summary>Gets or sets how long a recall may take; the chat goes on without when it takes longer, or fails.</summary>
    /// <value>More than zero. Default: 2 seconds.</value>
    public TimeSpan RecallTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets what is written when a turn ends.</summary>
    /// <value>Default: <see cref="MemoryWriteBack.Nothing"/>.</value>
    public MemoryWriteBack WriteBack { get; set; }

    /// <summary>Gets or sets whether a chat with a conversation id writes into that session's scope, where memories are short-lived, and recalls from it as well. An id that is too long for a name, or has other characters, stands there as its hash.</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool Sessions { get; set; } = true;

    /// <summary>Gets or sets the last word on each memory before it is written: another one, or <see langword="null"/> to write none.</summary>
    /// <value><see langword="null"/> (the default): it is written as it is.</value>
    public Func<MemoryRecord, MemoryRecord?>? OnWriting { get; set; }
}
