using System.Globalization;

namespace Providers.Testing.Wall;

/// <summary>A scenario's target that stands: in process or as a server.</summary>
internal sealed class TargetHost : IAsyncDisposable
{
    public const int Dimensions = 16;

    private readonly Func<IReadOnlyList<LoggedRequest>> _requests;
    private readonly IAsyncDisposable? _server;

    private TargetHost(FaultWallTarget target, Func<IReadOnlyList<LoggedRequest>> requests, IAsyncDisposable? server = null)
    {
        Target = target;
        _requests = requests;
        _server = server;
    }

    public FaultWallTarget Target { get; }

    /// <summary>The wall's own requests; probes and warm-ups of the subject do not count.</summary>
    public IReadOnlyList<LoggedRequest> Requests => [.. _requests().Where(static r => r.Body.Contains("ault wall", StringComparison.Ordinal))];

    public static string ModelOf(int index) => string.Create(CultureInfo.InvariantCulture, $"model-{index + 1}");

    public static int InputTokensOf(int index) => CanonicalAnswer.InputTokens + (10 * index);

    public static async Task<TargetHost> StartAsync(TargetSpec spec, int index, FaultWallWire wire, double scale, bool embeds, TimeProvider clock)
    {
        ModelDescriptor descriptor = new(ModelOf(index))
        {
            Capabilities = embeds ? ModelCapabilities.Embeddings : ModelCapabilities.Chat | ModelCapabilities.Streaming | ModelCapabilities.Tools,
            ContextWindow = embeds ? null : spec.Context,
            EmbeddingDimensions = embeds ? Dimensions : null,
            VectorSpace = embeds ? string.Create(CultureInfo.InvariantCulture, $"space-{spec.Space}") : null,
        };
        FaultWallTarget target = new(string.Create(CultureInfo.InvariantCulture, $"target-{index + 1}"), descriptor.Id, wire)
        {
            Descriptor = descriptor,
            RateLimitDomain = spec.Domain,
            LoadsOnDemand = spec.Loads,
        };
        return wire is FaultWallWire.InProcess ? InProcess(spec, index, target, embeds, clock) : await SocketAsync(spec, index, target, scale).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;

    private static TargetHost InProcess(TargetSpec spec, int index, FaultWallTarget target, bool embeds, TimeProvider clock)
    {
        ScriptedProvider provider = new(target.Name, clock, embeds ? new HashingEmbeddingGenerator(Dimensions, spec.Space, target.Model) : null)
        {
            Descriptor = new ProviderDescriptor(target.Name, "Scripted") { Models = [target.Descriptor], LoadsOnDemand = spec.Loads, IsLocal = true },
        };
        provider.Chat.ModelId = target.Model;
        provider.Chat.InputTokens = InputTokensOf(index);
        spec.Faults.ApplyTo(embeds ? provider.Embeddings!.Faults : provider.Chat.Faults);
        if (spec.Down > TimeSpan.Zero)
        {
            provider.Chat.GoDown(spec.Down);
        }

        return new TargetHost(target with { Provider = provider }, () => embeds ? provider.Embeddings!.Requests : provider.Chat.Requests);
    }

    private static async Task<TargetHost> SocketAsync(TargetSpec spec, int index, FaultWallTarget target, double scale)
    {
        bool keys = spec.Keys > 0 && target.Wire is FaultWallWire.OpenAI;
        string[] all = [.. Enumerable.Range(1, spec.Keys).Select(static n => string.Create(CultureInfo.InvariantCulture, $"key-{n}"))];
        ModelServerOptions options = new()
        {
            InputTokens = InputTokensOf(index),
            EmbeddingDimensions = Dimensions,
            EmbeddingSpace = spec.Space,
            Embeds = true,
            ContextWindow = spec.Context,
            ApiKeys = keys ? all[1..] : [],
        };
        ModelServer server = target.Wire switch
        {
            FaultWallWire.Ollama => await OllamaServer.StartAsync(options).ConfigureAwait(false),
            FaultWallWire.OpenAI => await OpenAIServer.StartAsync(options).ConfigureAwait(false),
            _ => await MlxServer.StartAsync(options).ConfigureAwait(false),
        };
        if (!keys)
        {
            spec.Faults.Scaled(scale).ApplyTo(server.Faults);
        }

        if (spec.Down > TimeSpan.Zero)
        {
            server.GoDown(spec.Down * scale);
        }

        return new TargetHost(target with { Endpoint = server.Endpoint, ApiKeys = keys ? all : [] }, () => server.Requests, server);
    }
}
