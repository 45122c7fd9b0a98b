using Providers.Tools.Shapes;

namespace Providers.Memory.Tools;

/// <summary>The fields that several memory tools share, with the host's limits in them.</summary>
internal sealed class MemoryFields(MemoryLimits limits)
{
    public const int MostTokens = 100_000;
    public const int MostSeconds = 315_360_000; // ten years
    public static readonly string[] Modes = ["hybrid", "semantic", "keyword"];

    public MemoryLimits Limits => limits;

    public static Field Namespace => new("namespace", new TextShape { Most = 128, IsName = true, Description = "Which pot of memories; 'default' when left out." });

    public static Field Id => new("id", Name("The memory's id, as another tool gave it."), true);

    public static Field Kind => new("kind", new TextShape { Most = 32, IsName = true, Description = "Only memories of this kind, as in note, event, artifact." });

    public static Field TagsAny => new("tags_any", Tags(32, 1_024, "Only memories with at least one of these tags."));

    public static Field TagsAll => new("tags_all", Tags(32, 1_024, "Only memories with all of these tags."));

    public static Field IdempotencyKey => new("idempotency_key", new TextShape { Most = 128, Description = "Your own key: repeating the call with it within 24 hours gives the first result again and changes nothing. Printable ASCII without spaces." });

    public static Field ExpectedVersion(string what) => new("expected_version", new NumberShape { Least = 1, Most = 9_007_199_254_740_991, Whole = true, Description = what });

    public static Field Detail => new("detail", new TextShape { Choices = ["brief", "full"], Description = "brief (when left out): the beginning of each text; full: whole texts with metadata." });

    public static Field MaxTokens => new("max_tokens", new NumberShape { Least = 100, Most = MostTokens, Whole = true, Default = 2_000, Description = "About how long the result may be; what does not fit is counted as left out." });

    public static Field CreatedAfter => new("created_after", new TextShape { IsMoment = true, Description = "Only memories created at or after this moment." });

    public static Field CreatedBefore => new("created_before", new TextShape { IsMoment = true, Description = "Only memories created before this moment." });

    public static Field MinScore => new("min_score", new NumberShape { Least = 0, Most = 1, Default = 0, Description = "Only memories that score at least this." });

    /// <summary>Gets what a memory consists of, for a new one and for changes.</summary>
    public Field[] Content(bool required) =>
    [
        new("text", new TextShape { Most = limits.TextBytes, InBytes = true, Description = "What to remember, complete in itself: it will be read without this conversation." }, required),
        new("tags", Tags(limits.Tags, limits.TagLength, "Words to find it by; they replace those that were there.")),
        new("metadata", new MapShape { Description = $"A JSON object of your own: at most {limits.MetadataKeys} keys, depth {limits.MetadataDepth}, {limits.MetadataBytes} bytes. An empty one takes the old away." }),
        new("importance", new NumberShape { Least = 0, Most = 1, Description = "How much it matters; 0.5 when left out." }),
        new("expires_in_seconds", new NumberShape { Least = 0, Most = MostSeconds, Whole = true, Description = "Forget it after so many seconds; 0: never." }),
    ];

    public static Field NewKind => new("kind", new TextShape { Most = 32, IsName = true, Description = "What sort of memory it is, as in note, event, artifact; 'note' when left out." });

    public static Field Source => new("source", new TextShape { Most = 128, Description = "Where it comes from: user, agent, a document's address; 'agent' when left out." });

    public static TextShape Name(string description) => new() { Most = 128, IsName = true, Description = description };

    private static ListShape Tags(int most, int length, string description) => new(new TextShape { Most = length }) { Most = most, Description = description };
}
