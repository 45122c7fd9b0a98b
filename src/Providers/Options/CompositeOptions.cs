namespace Providers;

/// <summary>Everything a host may say of a composite. Bound from the section given to <c>AddCompositeProvider</c>.</summary>
public sealed class CompositeOptions
{
    /// <summary>Gets or sets the route for requests that name none.</summary>
    /// <value><see langword="null"/> (the default): the route <c>default</c>, else all providers in order.</value>
    public string? DefaultRoute { get; set; }

    /// <summary>Gets the providers by name: what the router needs of each; the adapter reads the rest of the same section.</summary>
    public IDictionary<string, ProviderOptions> Providers { get; } = new Dictionary<string, ProviderOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the routes by name. A request names one in <c>ChatOptions.ModelId</c>.</summary>
    public IDictionary<string, RouteOptions> Routes { get; } = new Dictionary<string, RouteOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets or sets the deadlines of all targets, where neither route nor provider says otherwise.</summary>
    public TimeoutOptions Timeouts { get; set; } = new();

    /// <summary>Gets or sets retries and their budget.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>Gets or sets the circuits.</summary>
    public CircuitOptions Circuit { get; set; } = new();

    /// <summary>Gets or sets the health probes.</summary>
    public HealthOptions Health { get; set; } = new();

    /// <summary>Gets or sets the rules of streams.</summary>
    public StreamOptions Streams { get; set; } = new();

    /// <summary>Gets or sets the rules of embeddings.</summary>
    public EmbeddingOptions Embeddings { get; set; } = new();

    /// <summary>Gets what each kind of failure leads to, where a host wants it otherwise.</summary>
    /// <value>Empty (the default): the table of <see cref="FailureRule.Default"/>.</value>
    public IDictionary<FailureKind, FailureRule> Failures { get; } = new Dictionary<FailureKind, FailureRule>();

    /// <summary>Gets the budgets by name.</summary>
    /// <value>Empty (the default): nothing is counted.</value>
    public IDictionary<string, BudgetOptions> Budgets { get; } = new Dictionary<string, BudgetOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets or sets the file that keeps what budgets have spent over a restart. One process at a time may use it; read once, at the start.</summary>
    /// <value><see langword="null"/> (the default): a registered <see cref="IUsageLedger"/>, else memory only.</value>
    public string? UsageLedger { get; set; }

    /// <summary>Gets or sets how the composite ends with its host.</summary>
    public DrainOptions Drain { get; set; } = new();

    /// <summary>Gets or sets which failure a caller sees as the inner exception when every target failed.</summary>
    /// <value>Default: <see cref="ReportedFailure.Last"/>.</value>
    public ReportedFailure ReportedFailure { get; set; } = ReportedFailure.Last;
}
