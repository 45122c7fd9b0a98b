using System.Text.Json;
using Providers.Tools.Shapes;

namespace Providers.Tools;

/// <summary>The tools that show the catalogue. They name no address and no server's words.</summary>
internal sealed class CatalogTools(IProviderCatalog catalog)
{
    private static readonly (string Word, ModelCapabilities Flag)[] s_capabilities =
    [
        ("chat", ModelCapabilities.Chat), ("streaming", ModelCapabilities.Streaming), ("tools", ModelCapabilities.Tools), ("vision", ModelCapabilities.Vision),
        ("json_schema", ModelCapabilities.JsonSchema), ("reasoning", ModelCapabilities.Reasoning), ("embeddings", ModelCapabilities.Embeddings), ("rerank", ModelCapabilities.Rerank),
    ];

    private static readonly string[] s_kinds = ["chat", "embeddings", "rerank"];

    public static ToolSpec ModelsSpec => new(
        "list_models", "Lists the models this host knows and the routes that chat and embed take by name.", new ObjectShape(), ProviderOutputs.Models,
        new ToolHints { Title = "List models", Scope = "provider:read", ReadOnly = true, Idempotent = true });

    public static ToolSpec StatusSpec => new(
        "provider_status", "Says how each provider is doing: health, circuits, latency, counts.",
        new ObjectShape(new Field("provider", new TextShape { Most = 128, Description = "Only this one." })), ProviderOutputs.Status,
        new ToolHints { Title = "Provider status", Scope = "provider:read", ReadOnly = true, Idempotent = true });

    public static ToolSpec ExplainSpec => new(
        "explain_route", "Says which targets a request on a route would try now, in which order, and why not the others. Nothing is sent.",
        new ObjectShape(
            new("route", new TextShape { Most = 256, Description = "The route, or provider/model; the default one when left out." }),
            new("kind", new TextShape { Choices = s_kinds, Description = "What sort of request; chat when left out." }),
            new("needs", new ListShape(new TextShape { Choices = [.. s_capabilities.Select(static c => c.Word)] }) { Most = 8, Description = "What the model must be able to do." }),
            new("tokens", new NumberShape { Least = 0, Most = 100_000_000, Whole = true, Description = "The length of the prompt." }),
            new("local_only", new FlagShape { Description = "Whether the request must stay on this host's own machines." })),
        ProviderOutputs.Explain,
        new ToolHints { Title = "Explain a route", Scope = "provider:read", ReadOnly = true, Idempotent = true });

    public ValueTask<JsonElement> ListAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        ModelItem[] models =
        [
            .. catalog.GetProviders().SelectMany(static p => p.Descriptor.Models, static (p, m) => new ModelItem(p.Descriptor.Name, m.Id, Words(m.Capabilities), p.Descriptor.IsLocal)
            {
                ContextWindow = m.ContextWindow,
                Dimensions = m.EmbeddingDimensions,
                VectorSpace = m.VectorSpace,
            }),
        ];
        RouteItem[] routes = [.. catalog.GetRoutes().Select(static r => new RouteItem(r.Name, r.Policy, r.IsDefault, [.. r.Targets.Select(static t => t.Model is null ? t.Provider : $"{t.Provider}/{t.Model}")]))];
        return new(JsonSerializer.SerializeToElement(new ModelsResult(models, routes), ProviderToolJson.Plain.ModelsResult));
    }

    public ValueTask<JsonElement> StatusAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        IReadOnlyList<ProviderStatus> all = catalog.GetProviders();
        string? wanted = request.Text("provider");
        ProviderItem[] providers = [.. all.Where(p => wanted is null || p.Descriptor.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)).Select(Item)];
        return providers.Length > 0 || wanted is null
            ? new(JsonSerializer.SerializeToElement(new StatusResult(providers), ProviderToolJson.Plain.StatusResult))
            : throw new ToolException(ToolErrorCode.NotFound, $"provider: there is no provider '{wanted}'; there are {string.Join(", ", all.Select(static p => p.Descriptor.Name))}.");
    }

    public ValueTask<JsonElement> ExplainAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        RouteNeeds needs = new()
        {
            Kind = request.Text("kind") switch { "embeddings" => ModelCapabilities.Embeddings, "rerank" => ModelCapabilities.Rerank, _ => ModelCapabilities.Chat },
            Capabilities = s_capabilities.Where(c => request.Texts("needs")?.Contains(c.Word) is true).Aggregate(ModelCapabilities.None, static (sum, c) => sum | c.Flag),
            Tokens = request.Int("tokens", 0),
            LocalOnly = request.Flag("local_only"),
        };
        RouteExplanation explanation = Explain(request.Text("route"), needs);
        CandidateItem[] candidates =
        [
            .. explanation.Candidates.Select(static (c, i) => new CandidateItem(c.Skipped is SkipReason.None || c.IsLastResort ? i + 1 : 0, c.Provider, Verdict(c))
            {
                Model = c.Model,
                RetryAfterSeconds = Seconds(c.RetryAfter),
            }),
        ];
        return new(JsonSerializer.SerializeToElement(new ExplainResult(explanation.Route, explanation.Policy, candidates), ProviderToolJson.Plain.ExplainResult));
    }

    private RouteExplanation Explain(string? route, RouteNeeds needs)
    {
        try
        {
            return catalog.Explain(route, needs);
        }
        catch (ArgumentException e)
        {
            throw new ToolException(ToolErrorCode.NotFound, $"route: there is no route or model '{route}'; list_models gives those there are.", e);
        }
    }

    private static ProviderItem Item(ProviderStatus p) => new(
        p.Descriptor.Name, p.Descriptor.Kind, p.Health.ToString(), p.IsDraining, p.InFlight,
        [
            .. p.Targets.Select(static t => new TargetItem(t.Circuit.ToString(), t.InFlight, t.Successes, t.Failures)
            {
                Model = t.Model,
                RetryAfterSeconds = Seconds(t.RetryAfter),
                LatencyMs = t.Latency is { } latency ? Math.Round(latency.TotalMilliseconds, 1) : null,
                LastFailure = t.LastFailure?.ToString(),
            }),
        ]);

    private static string Verdict(RouteCandidate candidate) =>
        candidate.Skipped is SkipReason.None ? "takes traffic" : candidate.IsLastResort ? $"last resort, {candidate.Skipped}" : candidate.Skipped.ToString();

    private static double? Seconds(TimeSpan? wait) => wait is { } span && span != TimeSpan.MaxValue ? Math.Ceiling(span.TotalSeconds) : null;

    private static string[] Words(ModelCapabilities capabilities) => [.. s_capabilities.Where(c => capabilities.HasFlag(c.Flag)).Select(static c => c.Word)];
}
