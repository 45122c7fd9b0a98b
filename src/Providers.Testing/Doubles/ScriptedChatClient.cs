using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Providers.Testing.Doubles;

namespace Providers.Testing;

/// <summary>
/// A chat client in process that does what the test says: enqueued scripts first, then the default one, spoiled by <see cref="Faults"/>.
/// It counts calls and notices enumerators that are never disposed or used by two at a time. Safe for concurrent use.
/// </summary>
public sealed class ScriptedChatClient : IChatClient
{
    private readonly ConcurrentQueue<ChatScript> _scripts = new();
    private readonly InProcessTarget _target;
    private int _open;
    private int _overlaps;
    private int _active;

    /// <summary>Creates a client.</summary>
    /// <param name="name">The provider's name in exceptions and metadata.</param>
    /// <param name="clock">The clock of every wait; <see langword="null"/> for the system's.</param>
    public ScriptedChatClient(string name = "scripted", TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _target = new InProcessTarget(name, clock ?? TimeProvider.System);
    }

    /// <summary>Gets what goes wrong with calls that have no script of their own.</summary>
    public FaultScript Faults => _target.Faults;

    /// <summary>Gets or sets what a call does that has no script of its own.</summary>
    /// <value><see langword="null"/> (the default): <see cref="Answer"/>, spoiled by <see cref="Faults"/>, going on from a partial answer.</value>
    public ChatScript? Script { get; set; }

    /// <summary>Gets or sets the tokens of the default answer.</summary>
    /// <value>Default: <see cref="CanonicalAnswer.Tokens"/>.</value>
    public IReadOnlyList<string> Answer { get; set; } = CanonicalAnswer.Tokens;

    /// <summary>Gets or sets the model that answers when a request names none.</summary>
    public string ModelId { get; set; } = "scripted-model";

    /// <summary>Gets or sets the number of input tokens the default answer reports.</summary>
    /// <value>Default: 7.</value>
    public int InputTokens { get; set; } = CanonicalAnswer.InputTokens;

    /// <summary>Gets every call so far.</summary>
    public IReadOnlyList<LoggedRequest> Requests => _target.Log.Snapshot();

    /// <summary>Gets the number of calls under way.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>Gets the number of enumerators that were handed out and not disposed.</summary>
    public int UndisposedEnumerators => Volatile.Read(ref _open);

    /// <summary>Gets how often an enumerator was moved or disposed while it was moving.</summary>
    public int OverlappingUses => Volatile.Read(ref _overlaps);

    /// <summary>Lets the next calls do these scripts, one each.</summary>
    /// <param name="scripts">The scripts.</param>
    public void Enqueue(params IEnumerable<ChatScript> scripts)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        foreach (ChatScript script in scripts)
        {
            _scripts.Enqueue(script);
        }
    }

    /// <summary>Waits until that many calls have arrived.</summary>
    /// <param name="count">How many, since the start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when they have.</returns>
    public Task WaitForRequestsAsync(int count, CancellationToken cancellationToken = default) => _target.Log.WhenAsync(count, cancellationToken);

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        (LoggedRequest request, ChatScript script) = Begin("chat", messages, options);
        return WholeAsync(request, script, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        (LoggedRequest request, ChatScript script) = Begin("chat-stream", messages, options);
        return new ScriptedStream(this, request, script, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata(_target.Name, null, ModelId)
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }

    internal TimeProvider Clock => _target.Clock;

    internal void GoDown(TimeSpan duration) => _target.GoDown(duration);

    internal void Opened()
    {
        Interlocked.Increment(ref _open);
        Interlocked.Increment(ref _active);
    }

    internal void Overlapped() => Interlocked.Increment(ref _overlaps);

    internal void Disposed() => Interlocked.Decrement(ref _open);

    internal void Ended(LoggedRequest request)
    {
        Interlocked.Decrement(ref _active);
        _target.Log.End(request);
    }

    internal Task LoadAsync(LoggedRequest request, CancellationToken token) => _target.LoadAsync(request.Fault, token);

    private (LoggedRequest Request, ChatScript Script) Begin(string path, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ChatMessage[] list = [.. messages];
        string model = options?.ModelId ?? ModelId;
        LoggedRequest request = _target.Begin(path, model, string.Join('\n', list.Select(static m => $"{m.Role}: {m.Text}")));
        IReadOnlyList<string> tokens = CanonicalAnswer.After(Answer, list.LastOrDefault(static m => m.Role == ChatRole.Assistant)?.Text);
        ChatScript script = _scripts.TryDequeue(out ChatScript? next) ? next
            : Script ?? FaultedScript.Of(_target, request, tokens, model, InputTokens);
        if (script.OnCall is { } error)
        {
            _target.Log.End(request);
            throw error;
        }

        return (request, script);
    }

    private async Task<ChatResponse> WholeAsync(LoggedRequest request, ChatScript script, CancellationToken token)
    {
        Interlocked.Increment(ref _active);
        List<ChatResponseUpdate> updates = [];
        try
        {
            await LoadAsync(request, token).ConfigureAwait(false);
            foreach (ScriptStep step in script.Steps)
            {
                await step.WaitAsync(Clock, token).ConfigureAwait(false);
                if (step.Error is { } error)
                {
                    throw error;
                }

                if (step.Update is { } update)
                {
                    updates.Add(update);
                }
            }

            token.ThrowIfCancellationRequested();
            return updates.ToChatResponse();
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            request.ClientLeft = true;
            throw;
        }
        finally
        {
            Ended(request);
        }
    }
}
