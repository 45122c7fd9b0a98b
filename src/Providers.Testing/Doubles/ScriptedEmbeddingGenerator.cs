using Microsoft.Extensions.AI;
using Providers.Testing.Doubles;
using Providers.Testing.Faults;
using Providers.Testing.Wires;

namespace Providers.Testing;

/// <summary>A hashing generator in process that fails on cue and logs every call. Safe for concurrent use.</summary>
public sealed class ScriptedEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly HashingEmbeddingGenerator _inner;
    private readonly InProcessTarget _target;

    /// <summary>Creates a generator.</summary>
    /// <param name="inner">Makes the vectors; <see langword="null"/> for 16 dimensions in space 0.</param>
    /// <param name="name">The provider's name in exceptions.</param>
    /// <param name="clock">The clock of every wait; <see langword="null"/> for the system's.</param>
    public ScriptedEmbeddingGenerator(HashingEmbeddingGenerator? inner = null, string name = "scripted", TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _inner = inner ?? new HashingEmbeddingGenerator();
        _target = new InProcessTarget(name, clock ?? TimeProvider.System);
    }

    /// <summary>Gets what goes wrong.</summary>
    public FaultScript Faults => _target.Faults;

    /// <summary>Gets every call so far; the body has one input a line.</summary>
    public IReadOnlyList<LoggedRequest> Requests => _target.Log.Snapshot();

    /// <summary>Waits until that many calls have arrived.</summary>
    /// <param name="count">How many, since the start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when they have.</returns>
    public Task WaitForRequestsAsync(int count, CancellationToken cancellationToken = default) => _target.Log.WhenAsync(count, cancellationToken);

    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] texts = [.. values];
        string model = options?.ModelId ?? _inner.ModelId;
        LoggedRequest request = _target.Begin("embed", model, string.Join('\n', texts));
        Fault fault = request.Fault;
        try
        {
            await _target.LoadAsync(fault, cancellationToken).ConfigureAwait(false);
            if (fault.Kind is FaultKind.DelayHeaders or FaultKind.DelayFirstToken)
            {
                await Task.Delay(fault.Delay, _target.Clock, cancellationToken).ConfigureAwait(false);
            }
            else if (fault.Kind is not (FaultKind.None or FaultKind.Load or FaultKind.WrongCount or FaultKind.WrongDimensions or FaultKind.NotFinite or FaultKind.Zero))
            {
                throw _target.Error(fault, model);
            }

            cancellationToken.ThrowIfCancellationRequested();
            List<float[]> vectors = VectorReply.Spoil([.. texts.Select(_inner.Embed)], fault);
            (request.Tokens, request.Completed) = (vectors.Count, fault.Kind is FaultKind.None or FaultKind.Load);
            return _inner.Wrap(vectors, texts.Length);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            request.ClientLeft = true;
            throw;
        }
        finally
        {
            _target.Log.End(request);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : _inner.GetService(serviceType, serviceKey);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }
}
