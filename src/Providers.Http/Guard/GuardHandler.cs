using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Providers.Http;

/// <summary>The guard under an adapter: every failure of the server comes out as a <see cref="ProviderException"/>, every timer is its own, and a stream ends only with its terminal mark.</summary>
/// <remarks>
/// Reads answers by their content type: <c>text/event-stream</c> as OpenAI's events, <c>application/x-ndjson</c> as Ollama's lines, all else whole.
/// The caller's cancellation comes out as <see cref="OperationCanceledException"/>; hand its token over with <see cref="CallScope"/>. Safe for concurrent use.
/// </remarks>
public sealed class GuardHandler : DelegatingHandler
{
    private static readonly Action<object?> s_cancel = static source => ((CancellationTokenSource)source!).Cancel();
    private readonly GuardOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly AnswerGuard _answers;
    private volatile RateLimitState? _limits;

    /// <summary>Creates a guard.</summary>
    /// <param name="options">Its options; copied.</param>
    /// <param name="clock">The clock of its timers; <see langword="null"/>: the system's.</param>
    /// <param name="logger">Told of keys that are refused; <see langword="null"/>: nobody is.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public GuardHandler(GuardOptions options, TimeProvider? clock = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validated();
        _clock = clock ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _answers = new AnswerGuard(_options, _clock);
    }

    /// <summary>Replaces <see cref="GuardOptions.MaxBody"/> for one request, in bytes: set it among the request's <see cref="HttpRequestMessage.Options"/>.</summary>
    public static HttpRequestOptionsKey<int> MaxBody { get; } = new("Providers.Http.MaxBody");

    /// <summary>Gets what the server last said of its rate limits.</summary>
    /// <value><see langword="null"/>: nothing yet.</value>
    public RateLimitState? RateLimits => _limits;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        CallScope.Call? call = request is GuardedRequest { Call: var own } ? own : CallScope.Current;
        CancellationToken caller = call?.Token ?? cancellationToken;
        TimeSpan limit = call?.FirstByteTimeout ?? _options.FirstByteTimeout;
        long started = _clock.GetTimestamp();
        using CancellationTokenSource late = new(limit, _clock); // ends the wait for the headers, whoever does not want to wait on
        using CancellationTokenRegistration gone = caller.UnsafeRegister(s_cancel, late);
        using CancellationTokenRegistration ended = cancellationToken == caller ? default : cancellationToken.UnsafeRegister(s_cancel, late);
        try
        {
            HttpResponseMessage response = await SendKeyedAsync(request, late.Token).ConfigureAwait(false);
            TimeSpan left = limit == Timeout.InfiniteTimeSpan ? limit : limit - _clock.GetElapsedTime(started);
            Patience patience = new(
                left > TimeSpan.Zero || left == Timeout.InfiniteTimeSpan ? left : TimeSpan.FromMilliseconds(1),
                call?.IdleTimeout ?? _options.IdleTimeout,
                call?.Token ?? CancellationToken.None); // without a scope the token lives no longer than the headers; what is read later has tokens of its own
            return await _answers.AcceptAsync(request, response, patience, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (caller.IsCancellationRequested)
        {
            throw new OperationCanceledException("The caller cancelled the request.", e, caller);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The request was cancelled.", e, cancellationToken);
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested)
        {
            throw new ProviderException(new ProviderFailure(FailureKind.TimedOut,
                $"No answer within the {limit.TotalSeconds:F1} s of FirstByteTimeout."), _options.Provider, null, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            throw new ProviderException(FailureClassifier.Classify(e, null, CancellationToken.None), _options.Provider, null, e);
        }
    }

    private async Task<HttpResponseMessage> SendKeyedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> keys = _options.Keys is { } pool ? await pool.TakeAsync(cancellationToken).ConfigureAwait(false) : [];
        if (keys.Count > 1 && request.Content is { } content)
        {
            await content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false); // sent again with the next key
        }

        for (int i = 0; ; i++)
        {
            if (i < keys.Count)
            {
                _options.Keys!.Apply(request, keys[i]);
            }

            HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            DateTimeOffset now = _clock.GetUtcNow();
            _limits = RateLimitState.Read(response.Headers, now) ?? _limits;
            int status = (int)response.StatusCode;
            if (i >= keys.Count || !ApiKeyPool.IsRefusal(status))
            {
                return response;
            }

            _options.Keys!.Refuse(keys[i], status, RetryHints.Read(response.Headers, null, now, limited: true));
            if (i + 1 >= keys.Count)
            {
                return response;
            }

            _logger.RotatingKey(_options.Provider, i + 1, keys.Count, status);
            response.Dispose();
        }
    }
}
