namespace Providers.OpenAI;

/// <summary>Turns whatever a call threw into what its caller may see: its own cancellation, or a <see cref="ProviderException"/> with our name on it.</summary>
internal sealed class FailureRelay(string provider)
{
    private int _modelsMissing;

    /// <summary>Gets how often the server said that it lacks a model.</summary>
    public int ModelsMissing => Volatile.Read(ref _modelsMissing);

    /// <summary>Says which exception to throw in place of another.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="model">The model that was asked.</param>
    /// <param name="cancellationToken">The caller's token: only it tells a cancellation from a time-out.</param>
    /// <param name="streaming">Whether a stream was being read: a chunk that is no JSON then means that the stream is lost.</param>
    public Exception Relay(Exception exception, string? model, CancellationToken cancellationToken, bool streaming = false)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return exception is OperationCanceledException own && own.CancellationToken == cancellationToken
                ? exception
                : new OperationCanceledException("The caller cancelled the request.", exception, cancellationToken);
        }

        if (exception is ProviderException { Provider: { } name, Model: not null } && name == provider)
        {
            return exception;
        }

        ProviderFailure failure = ExceptionClassifier.Classify(exception);
        ProviderFailure seen = failure.Kind switch
        {
            FailureKind.Cancelled => new ProviderFailure(FailureKind.TimedOut, "The request was given up before its answer came."),
            FailureKind.InvalidResponse when streaming && exception is not ProviderException => new ProviderFailure(FailureKind.ConnectionLost, $"The stream broke: {failure.Message}"),
            _ => failure,
        };
        if (seen.Kind is FailureKind.ModelMissing)
        {
            Interlocked.Increment(ref _modelsMissing);
        }

        return new ProviderException(seen, provider, model, exception is ProviderException { InnerException: var inner } ? inner : exception);
    }

    public ProviderException Fail(FailureKind kind, string message, string? model = null, Exception? inner = null) =>
        new(new ProviderFailure(kind, message), provider, model, inner);

    public ProviderException Fail(ProviderFailure failure, string? model, Exception? inner = null) => new(failure, provider, model, inner);
}
