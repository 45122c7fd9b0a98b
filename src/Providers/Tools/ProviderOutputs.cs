using Providers.Tools.Shapes;

namespace Providers.Tools;

/// <summary>What the provider tools give back.</summary>
internal static class ProviderOutputs
{
    private static readonly Field s_usage = new("usage", new ObjectShape(new("input_tokens", Count()), new("output_tokens", Count())));

    public static ObjectShape Chat { get; } = new(
        new("text", Text("The model's answer."), true),
        new("served_by", new ObjectShape(new("provider", Text()), new("model", Text())), true),
        new("attempts", Count("How many targets it took; 0: no composite was involved."), true),
        new("finish_reason", Text()), s_usage);

    public static ObjectShape Embed { get; } = new(
        new("count", Count(), true), new("dimensions", Count(), true), new("vector_space", Text("Only vectors of one space may be compared."), true),
        new("vectors", new ListShape(new ListShape(new NumberShape())), true), s_usage);

    public static ObjectShape Models { get; } = new(
        new("models", new ListShape(new ObjectShape(
            new("provider", Text(), true), new("model", Text(), true), new("capabilities", new ListShape(Text()), true), new("local", new FlagShape(), true),
            new("context_window", Count()), new("dimensions", Count()), new("vector_space", Text()))), true),
        new("routes", new ListShape(new ObjectShape(
            new("name", Text(), true), new("policy", Text(), true), new("default", new FlagShape(), true), new("targets", new ListShape(Text()), true))), true));

    public static ObjectShape Status { get; } = new(
        new Field("providers", new ListShape(new ObjectShape(
            new("name", Text(), true), new("kind", Text(), true), new("health", Text(), true), new("draining", new FlagShape(), true), new("in_flight", Count(), true),
            new("targets", new ListShape(new ObjectShape(
                new("circuit", Text(), true), new("in_flight", Count(), true), new("successes", Count(), true), new("failures", Count(), true),
                new("model", Text()), Seconds(), new("latency_ms", new NumberShape { Least = 0 }), new("last_failure", Text()))), true))), true));

    public static ObjectShape Explain { get; } = new(
        new("route", Text(), true), new("policy", Text(), true),
        new("candidates", new ListShape(new ObjectShape(
            new("place", Count("In this order; 0: never."), true), new("provider", Text(), true), new("verdict", Text("takes traffic, or why not"), true), new("model", Text()), Seconds())), true));

    private static Field Seconds() => new("retry_after_seconds", new NumberShape { Least = 0 });

    private static TextShape Text(string? description = null) => new() { Least = 0, Most = int.MaxValue, Description = description };

    private static NumberShape Count(string? description = null) => new() { Least = 0, Whole = true, Description = description };
}
