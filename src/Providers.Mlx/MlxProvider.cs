using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Providers.Mlx;

/// <summary>An MLX server as a provider: one that somebody else runs, or one that is launched, watched and replaced here.</summary>
/// <remarks>Safe for concurrent use. Disposing ends a launched server; one that was only attached to is left alone.</remarks>
public sealed class MlxProvider : IModelProvider, IAsyncDisposable
{
    private readonly MlxPlan _plan;
    private readonly MlxSupervisor? _supervisor;
    private readonly MlxConnection _connection;
    private readonly HttpMessageInvoker _http;
    private readonly HttpMessageInvoker _probeHttp;
    private readonly HealthCheck _health;
    private readonly MlxJsonHttp _json;
    private readonly ProviderDescriptor _descriptor;

    /// <summary>Creates a provider. Nothing is sent and nothing is launched before the first request, unless <see cref="MlxLaunchOptions.StartEagerly"/> is set.</summary>
    /// <param name="name">The provider's name in this host, without <c>/</c>.</param>
    /// <param name="options">The options; later changes have no effect.</param>
    /// <param name="loggerFactory">Where to log; <see langword="null"/>: nowhere.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/>: the system's.</param>
    /// <exception cref="ArgumentException">The name is empty or the options are wrong; the message lists every error.</exception>
    public MlxProvider(string name, MlxProviderOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(options);
        TimeProvider clock = timeProvider ?? TimeProvider.System;
        ILogger logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<MlxProvider>();
        _plan = MlxPlan.From(name, options);
        ServerActivity activity = new(clock);
        _probeHttp = new HttpMessageInvoker(MlxSockets.New(_plan));
        ProbeRequest question = new(() => _plan.ProbeModel, !_plan.Chats, _plan.ApiKey);
        OneTokenProbe probe = new(_probeHttp, question, clock);
        _supervisor = _plan.Launch is { } launch ? new MlxSupervisor(launch, probe, activity, logger, clock) : null;
        IMlxServer server = _supervisor is null ? new AttachedServer(_plan.BaseUrl!) : _supervisor;
        ServerWatch watch = new(server, probe, activity, _plan.WatchLimits, name, logger);
        _connection = new MlxConnection(server, watch, activity, _plan, clock);
        _health = new HealthCheck(_connection, _plan);
        _http = new HttpMessageInvoker(new ActivityHandler(activity, MlxSockets.New(_plan)));
        _json = new MlxJsonHttp(_http, _plan, clock);
        _descriptor = new ProviderDescriptor(name, MlxProviderFactory.KindName)
        {
            Endpoint = _plan.BaseUrl,
            IsLocal = _plan.IsLocal,
            LoadsOnDemand = true,
            Models = _plan.Models,
        };
        ChatClient = _plan.Chats ? new MlxChatClient(new MlxChatWire(_http, _plan, clock), _connection, _plan) : null;
        EmbeddingGenerator = _plan.EmbeddingModels.Any() ? new MlxEmbeddingGenerator(_json, _connection, _plan) : null;
        if (_plan.StartEagerly)
        {
            _supervisor?.Start();
        }
    }

    /// <inheritdoc/>
    /// <remarks>The endpoint of a launched server is known once it is ready.</remarks>
    public ProviderDescriptor Descriptor => _supervisor?.Status.Endpoint is { } endpoint ? _descriptor with { Endpoint = endpoint } : _descriptor;

    /// <inheritdoc/>
    public IChatClient? ChatClient { get; }

    /// <inheritdoc/>
    /// <value><see langword="null"/>: no model is declared with <see cref="ModelCapabilities.Embeddings"/>.</value>
    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator { get; }

    /// <summary>Gets what the launched server is doing.</summary>
    /// <value><see langword="null"/>: the provider only attaches.</value>
    public MlxServerStatus? ServerStatus => _supervisor?.Status;

    /// <summary>Starts the launched server and waits until it generates; does nothing for one that is only attached to.</summary>
    /// <param name="cancellationToken">Ends the wait; the server goes on starting.</param>
    /// <exception cref="MlxServerException">The server does not start; the message says what to do.</exception>
    /// <exception cref="PlatformNotSupportedException">MLX does not run on this machine.</exception>
    public Task StartServerAsync(CancellationToken cancellationToken = default) =>
        _supervisor?.WaitReadyAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Replaces the launched server, or starts a faulted one with a clean slate, and waits until it generates.</summary>
    /// <param name="cancellationToken">Ends the wait; the server goes on starting.</param>
    /// <exception cref="MlxServerException">The server does not start; the message says what to do.</exception>
    /// <exception cref="InvalidOperationException">The provider only attaches: the server is not its to restart.</exception>
    public Task RestartServerAsync(CancellationToken cancellationToken = default)
    {
        if (_supervisor is null)
        {
            throw new InvalidOperationException($"MLX provider '{_plan.Name}' attaches to {_plan.BaseUrl}; restart that server where it was started.");
        }

        _supervisor.Restart();
        return _supervisor.WaitReadyAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) => _health.RunAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default)
    {
        RunningServer running = await _connection.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            byte[] body = await _json.GetAsync(new Uri(running.Endpoint, "v1/models"), cancellationToken).ConfigureAwait(false);
            HashSet<string> declared = [.. _plan.Models.Select(static m => m.Id)];
            return [.. _plan.Models, .. ModelList.Read(body).Where(id => !declared.Contains(id)).Select(static id => new ModelDescriptor(id))];
        }
        catch (InvalidDataException e)
        {
            throw _json.Fail(new ProviderFailure(FailureKind.InvalidResponse, e.Message), null, e);
        }
        finally
        {
            _connection.Leave();
        }
    }

    /// <inheritdoc/>
    public ProviderFailure Classify(Exception exception) => MlxClassifier.Classify(exception);

    /// <summary>Ends a launched server and frees what the provider holds. Requests under way fail.</summary>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
        ChatClient?.Dispose();
        _http.Dispose();
        _probeHttp.Dispose();
    }
}
