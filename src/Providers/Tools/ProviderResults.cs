using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.Tools;

internal sealed record ServedBy(string? Provider, string? Model);

internal sealed record UsageItem(long? InputTokens, long? OutputTokens);

internal sealed record ChatResult(string Text, ServedBy ServedBy, int Attempts)
{
    public string? FinishReason { get; init; }

    public UsageItem? Usage { get; init; }
}

internal sealed record EmbedResult(int Count, int Dimensions, string VectorSpace, IReadOnlyList<ReadOnlyMemory<float>> Vectors)
{
    public UsageItem? Usage { get; init; }
}

internal sealed record ModelsResult(IReadOnlyList<ModelItem> Models, IReadOnlyList<RouteItem> Routes);

internal sealed record ModelItem(string Provider, string Model, IReadOnlyList<string> Capabilities, bool Local)
{
    public int? ContextWindow { get; init; }

    public int? Dimensions { get; init; }

    public string? VectorSpace { get; init; }
}

internal sealed record RouteItem(string Name, string Policy, bool Default, IReadOnlyList<string> Targets);

internal sealed record StatusResult(IReadOnlyList<ProviderItem> Providers);

internal sealed record ProviderItem(string Name, string Kind, string Health, bool Draining, int InFlight, IReadOnlyList<TargetItem> Targets);

internal sealed record TargetItem(string Circuit, int InFlight, long Successes, long Failures)
{
    public string? Model { get; init; }

    public double? RetryAfterSeconds { get; init; }

    public double? LatencyMs { get; init; }

    public string? LastFailure { get; init; }
}

internal sealed record ExplainResult(string Route, string Policy, IReadOnlyList<CandidateItem> Candidates);

internal sealed record CandidateItem(int Place, string Provider, string Verdict)
{
    public string? Model { get; init; }

    public double? RetryAfterSeconds { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChatResult))]
[JsonSerializable(typeof(EmbedResult))]
[JsonSerializable(typeof(ModelsResult))]
[JsonSerializable(typeof(StatusResult))]
[JsonSerializable(typeof(ExplainResult))]
internal sealed partial class ProviderToolJson : JsonSerializerContext
{
    private static ProviderToolJson? s_plain; // made on demand: the order in which the generated parts begin is nobody's promise

    /// <summary>Gets the context that leaves text readable: what is written here is never put into a page.</summary>
    public static ProviderToolJson Plain => s_plain ??= new ProviderToolJson(new JsonSerializerOptions(Default.Options) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
