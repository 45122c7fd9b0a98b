using Providers.Tools.Shapes;

namespace Providers.Memory.Tools;

/// <summary>What the memory tools give back.</summary>
internal static class MemoryOutputs
{
    private static readonly MapShape s_counts = new(Count());
    private static readonly Field s_namespace = new("namespace", Text(), true);
    private static readonly Field s_notice = new("notice", Text("What the texts below are."), true);

    public static ObjectShape Store { get; } = new(
        s_namespace, new("id", Text(), true), new("version", Count(), true), new("created", new FlagShape { Description = "Whether it is new." }, true),
        new("duplicate_of", Text("The id of the memory that said the same already, which was kept.")));

    public static ObjectShape Update { get; } = new(s_namespace, new("id", Text(), true), new("version", Count(), true));

    public static ObjectShape Delete { get; } = new(s_namespace, new("deleted", Count(), true));

    public static ObjectShape Get { get; } = new(s_namespace, s_notice, new("memory", Item(), true));

    public static ObjectShape Search { get; } = new(
        s_namespace, new("mode", Text(), true), s_notice, new("items", new ListShape(Item()), true), new("left_out", Count("How many more were found than max_tokens has room for."), true));

    public static ObjectShape List { get; } = new(s_namespace, s_notice, new("items", new ListShape(Item()), true), new("next_cursor", Text("Give it as cursor for the next page; missing: this was the last.")));

    public static ObjectShape Transaction { get; } = new(
        s_namespace, new("replayed", new FlagShape { Description = "Whether the idempotency key had been used, so that nothing was changed now." }, true),
        new("outcomes", new ListShape(new ObjectShape(new("index", Count(), true), new("change", Text(), true), new("id", Text(), true), new("version", Count(), true))), true));

    public static ObjectShape Related { get; } = new(
        s_namespace, new("edges", new ListShape(new ObjectShape(new("from", Text(), true), new("relation", Text(), true), new("to", Text(), true), new("depth", Count(), true))), true));

    public static ObjectShape Link { get; } = new(s_namespace, new("id", Text(), true), new("change", Text("linked, unlinked, or not_found where there was no such link to take away"), true));

    public static ObjectShape Stats { get; } = new(
        s_namespace, new("count", Count(), true), new("text_bytes", Count(), true), new("health", Text(), true), new("archived", Count(), true), new("links", Count(), true), new("oldest", Moment()), new("newest", Moment()),
        new("by_kind", s_counts), new("by_tag", s_counts),
        new("index", new ObjectShape(
            new("kind", Text(), true), new("by_space", s_counts, true), new("probed", Count(), true),
            new("recall", new NumberShape { Least = 0, Most = 1, Description = "The share of probed memories that a search by their own vector finds first." }))));

    private static ObjectShape Item() => new(
        new("id", Text(), true), new("version", Count(), true), new("kind", Text(), true), new("text", Text("The stored text between two marked lines."), true),
        new("tags", new ListShape(Text()), true), new("source", Text(), true), new("trust", Share(), true), new("created", Moment(), true),
        new("score", Share()), new("truncated", new FlagShape { Description = "The text goes on; memory_get has all of it." }), new("importance", Share()),
        new("updated", Moment()), new("expires", Moment()), new("metadata", new MapShape()),
        new("explain", new ObjectShape(
            new("semantic", new NumberShape { Least = -1.001, Most = 1.001 }), new("keyword", new NumberShape { Least = 0 }), new("factors", new MapShape(new NumberShape())))));

    private static TextShape Text(string? description = null) => new() { Least = 0, Most = int.MaxValue, Description = description };

    private static NumberShape Count(string? description = null) => new() { Least = 0, Whole = true, Description = description };

    private static NumberShape Share() => new() { Least = 0, Most = 1 };

    private static TextShape Moment() => new() { IsMoment = true };
}
