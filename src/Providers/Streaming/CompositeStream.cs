using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Providers.Attempts;
using Providers.Chat;
using Providers.Routing;

namespace Providers.Streaming;

/// <summary>
/// A stream that fails over until its first content has been shown, and from then on belongs to one target. An update that is at hand
/// and is plain text passes without a state machine, a timestamp or an allocation.
/// </summary>
internal sealed class CompositeStream(Router router, Failover failover, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken requested)
    : IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
{
    private readonly StreamAssembly _assembly = router.RentAssembly();
    private Served _served;
    private CancellationTokenSource? _linked;
    private readonly CancellationToken _first = requested;
    private CancellationToken _caller;
    private Call? _call;
    private Attempt? _attempt;
    private IAsyncEnumerator<ChatResponseUpdate>? _source;
    private OverlapTrimmer? _trimmer;
    private string? _seam;
    private long _firstContent;
    private int _continuations;
    private bool _taken;
    private bool _ended;
    private bool _annotated;
    private bool _disposed;

    public ChatResponseUpdate Current { get; private set; } = null!;

    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (_taken)
        {
            return new CompositeStream(router, failover, messages, options, _first).GetAsyncEnumerator(cancellationToken);
        }

        _taken = true;
        _caller = _first;
        if (cancellationToken.CanBeCanceled && cancellationToken != _first)
        {
            _linked = _first.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(_first, cancellationToken) : null;
            _caller = _linked?.Token ?? cancellationToken;
        }

        return this;
    }

    public ValueTask<bool> MoveNextAsync()
    {
        if (_source is not { } source || _trimmer is not null || !_annotated || _assembly.HasReady)
        {
            return ReadAsync(default, pending: false);
        }

        ValueTask<bool> next;
        try
        {
            next = source.MoveNextAsync();
            if (next.IsCompletedSuccessfully)
            {
                if (!next.Result)
                {
                    return ReadAsync(new ValueTask<bool>(false), pending: true);
                }

                ChatResponseUpdate update = source.Current;
                if (_assembly.IsPlain(update))
                {
                    _assembly.Delivered.Add(update);
                    Current = update;
                    return new ValueTask<bool>(true);
                }

                return ReadAsync(new ValueTask<bool>(true), pending: true);
            }
        }
        catch (Exception e)
        {
            next = ValueTask.FromException<bool>(e);
        }

        return ReadAsync(next, pending: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_attempt is { } attempt)
        {
            attempt.Abort();
            await StreamSource.DisposeAsync(_call!, attempt, _source!, router.Clock).ConfigureAwait(false);
            router.Cancel(attempt);
        }

        Leave();
        if (!_disposed)
        {
            _disposed = true;
            _ended = true;
            router.Return(_assembly);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadAsync(ValueTask<bool> next, bool pending)
    {
        if (_call is null && !_ended)
        {
            await OpenAsync(messages).ConfigureAwait(false);
        }

        while (true)
        {
            if (!pending && !_disposed && _assembly.TryTake(out ChatResponseUpdate update))
            {
                Current = Annotate(update); // committed: from here on a failure belongs to the caller
                return true;
            }

            if (_ended)
            {
                return false;
            }

            Exception? error = null;
            AttemptSignal signal = AttemptSignal.Completed;
            try
            {
                if (!pending)
                {
                    next = _source!.MoveNextAsync();
                }

                pending = false;
                signal = next.IsCompleted ? AttemptSignal.Completed : await _attempt!.WaitAsync(next, Due(), _caller).ConfigureAwait(false);
                if (signal is AttemptSignal.Completed)
                {
                    if (await next.ConfigureAwait(false))
                    {
                        Take(_source!.Current);
                        continue;
                    }

                    _caller.ThrowIfCancellationRequested(); // some clients end normally when they are cancelled
                    error = _assembly.Finished || !_call!.Plan.Options.Streams.RequireFinishReason ? null : StreamFailures.EndedEarly(_attempt!.Target, $"after {_assembly.Delivered.Count} updates");
                }
                else
                {
                    error = Interrupted(signal);
                }
            }
            catch (Exception e)
            {
                error = e;
            }

            if (_caller.IsCancellationRequested && !_ended)
            {
                throw await CancelAsync().ConfigureAwait(false);
            }

            if (error is null || _assembly.Finished)
            {
                await EndAsync().ConfigureAwait(false); // complete: a server may break the connection after its last word
            }
            else
            {
                await RecoverAsync(signal, error).ConfigureAwait(false);
            }
        }
    }

    private void Take(ChatResponseUpdate update)
    {
        if (_trimmer is null)
        {
            _assembly.Add(update);
            return;
        }

        foreach (ChatResponseUpdate passed in _trimmer.Add(update))
        {
            _assembly.Add(passed);
        }
    }

    private async ValueTask OpenAsync(IReadOnlyList<ChatMessage> request)
    {
        _caller.ThrowIfCancellationRequested();
        Call call = router.Begin(options?.ModelId, ChatRequests.PreferencesOf(options), ModelCapabilities.Chat, _caller);
        ChatRequests.ReadNeeds(call, request, options);
        await AdoptAsync(call, request).ConfigureAwait(false);
    }

    private async ValueTask AdoptAsync(Call call, IReadOnlyList<ChatMessage> request)
    {
        OpenStreamOperation operation = new(request, options, router.Clock, call.Plan.Options.Streams);
        OpenStream stream = await failover.RunAsync<OpenStreamOperation, OpenStream>(call, operation).ConfigureAwait(false);
        _call = call; // a call whose opening failed has been ended by the failover
        _attempt = stream.Attempt;
        _source = stream.Source;
        _served = new Served(call, stream.Attempt.Target);
        _firstContent = stream.FirstContent;
        foreach (ChatResponseUpdate update in stream.Held)
        {
            Take(update);
        }

        if (stream.Ended)
        {
            await EndAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask EndAsync()
    {
        foreach (ChatResponseUpdate held in _trimmer?.Complete() ?? [])
        {
            _assembly.Add(held);
        }

        Attempt attempt = _attempt!;
        await StreamSource.DisposeAsync(_call!, attempt, _source!, router.Clock).ConfigureAwait(false);
        long whole = router.Clock.Now - attempt.Started;
        router.Telemetry.Calls.Streamed(attempt.Target, router.Clock.Span(_firstContent), router.Clock.Span(whole), _assembly.Delivered.Count);
        router.Succeed(_call!, attempt, _firstContent > 0 ? _firstContent : whole, _assembly.Usage);
        _assembly.Complete();
        _ended = true;
        Leave();
    }

    private async ValueTask<Exception> CancelAsync()
    {
        Attempt attempt = _attempt!;
        attempt.Abort();
        await StreamSource.DisposeAsync(_call!, attempt, _source!, router.Clock).ConfigureAwait(false);
        router.Cancel(attempt);
        _ended = true;
        CancellationToken token = _caller;
        Leave();
        return new OperationCanceledException(token);
    }

    private async ValueTask RecoverAsync(AttemptSignal signal, Exception error)
    {
        Call call = _call!;
        Attempt attempt = _attempt!;
        attempt.Abort();
        await StreamSource.DisposeAsync(_call!, attempt, _source!, router.Clock).ConfigureAwait(false);
        ProviderFailure failure = Verdict.Classify(attempt.Target, error);
        ProviderException broken = Verdict.Wrap(failure, attempt.Target, error);
        Plans.TargetPlan target = attempt.Target;
        router.Fail(call, attempt, failure, broken);
        router.Telemetry.Interrupted(call.Route.Name, signal);
        _attempt = null;
        _source = null;

        bool continues = StreamContinuation.IsPossible(call, _assembly, _continuations) && router.Clock.Now < call.Deadline;
        ProviderException committed = Committed(call, target.Provider.Name, target.ModelId, broken);
        if (continues)
        {
            _continuations++;
            string partial = StreamContinuation.PartialText(_assembly);
            _assembly.DropSource();
            _trimmer = new OverlapTrimmer(partial);
            _call = null; // the failover ends the call if this fails too
            try
            {
                await AdoptAsync(call, StreamContinuation.Messages(messages, partial, call.Plan.Options.Streams)).ConfigureAwait(false);
                _seam = _served.Provider;
                return;
            }
            catch (Exception e) when (e is ProviderException or NoProvidersAvailableException)
            {
                // The caller is told of the failure that broke the stream, not of the one that failed to mend it.
            }
        }

        _ended = true;
        Leave();
        throw committed;
    }

    private ProviderException Committed(Call call, string provider, string? model, ProviderException broken) =>
        new(broken.Failure, provider, model, broken.InnerException ?? broken)
        {
            OutputCommitted = true,
            PartialResponse = _assembly.Delivered.ToChatResponse(),
            Attempts = [.. call.Trail!],
        };

    private ProviderException? Interrupted(AttemptSignal signal)
    {
        if (_assembly.Finished && signal is AttemptSignal.TimedOut)
        {
            return null;
        }

        Plans.TargetPlan target = _attempt!.Target;
        return signal is not AttemptSignal.TimedOut
            ? StreamFailures.Create(target, FailureKind.Cancelled, "The attempt was cancelled.")
            : StreamFailures.Create(target, FailureKind.TimedOut, router.Clock.Now >= _call!.Deadline
                ? $"The request's total deadline passed after {_assembly.Delivered.Count} updates."
                : $"The stream was silent for {router.Clock.Span(target.Timeouts.Gap).TotalSeconds:0.###} s after {_assembly.Delivered.Count} updates.");
    }

    private long Due()
    {
        Plans.TimeoutPlan timeouts = _attempt!.Target.Timeouts;
        return Math.Min(_call!.Deadline, router.Clock.Now + (_assembly.Finished ? timeouts.Trailer : timeouts.Gap));
    }

    private ChatResponseUpdate Annotate(ChatResponseUpdate update)
    {
        if (_annotated && _seam is null)
        {
            return update;
        }

        ChatResponseUpdate marked = update.Clone();
        marked.AdditionalProperties = Annotation.Write(update.AdditionalProperties, _served);
        if (_seam is { } seam)
        {
            marked.AdditionalProperties[ResponseAnnotations.Seam] = seam;
        }

        _annotated = true;
        _seam = null;
        return marked;
    }

    private void Leave()
    {
        if (_call is { } call)
        {
            _call = null;
            router.End(call);
        }

        _attempt = null;
        _source = null;
        _linked?.Dispose();
        _linked = null;
    }
}
