using System.Runtime.CompilerServices;

namespace Providers.Http;

/// <summary>Hands the caller's token past an SDK to the guard: the token that a message handler is given is dead once the headers are read, and some SDKs pass none.</summary>
/// <remarks>The scope flows with the asynchronous call; it is safe to use from many calls at once.</remarks>
public static class CallScope
{
    private static readonly AsyncLocal<Call?> s_current = new();

    internal static Call? Current => s_current.Value;

    /// <summary>Runs a call under the caller's token.</summary>
    /// <typeparam name="T">What the call returns.</typeparam>
    /// <param name="call">Starts the SDK's call.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <param name="firstByteTimeout">Replaces <see cref="GuardOptions.FirstByteTimeout"/> for this call; <see langword="null"/>: does not. A whole answer comes only after all of it was generated.</param>
    /// <returns>The call's result.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled; also where the SDK returned normally in spite of it.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken, TimeSpan? firstByteTimeout = null)
    {
        ArgumentNullException.ThrowIfNull(call);
        s_current.Value = new Call(firstByteTimeout, null, cancellationToken); // seen by the call only: an async method restores its caller's context
        T result = await call().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    /// <summary>Enumerates a stream under the caller's token.</summary>
    /// <typeparam name="T">What the stream yields.</typeparam>
    /// <param name="stream">The SDK's stream, not yet enumerated.</param>
    /// <param name="firstByteTimeout">Replaces <see cref="GuardOptions.FirstByteTimeout"/> for this call; <see langword="null"/>: does not.</param>
    /// <param name="idleTimeout">Replaces <see cref="GuardOptions.IdleTimeout"/> for this call; <see langword="null"/>: does not. A server that verifies what it downloaded is silent for minutes.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <returns>The same items.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled; also where the SDK ended the stream normally in spite of it.</exception>
    public static async IAsyncEnumerable<T> StreamAsync<T>(
        IAsyncEnumerable<T> stream, TimeSpan? firstByteTimeout = null, TimeSpan? idleTimeout = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Call call = new(firstByteTimeout, idleTimeout, cancellationToken);
        IAsyncEnumerator<T> items = stream.GetAsyncEnumerator(cancellationToken);
        await using (items.ConfigureAwait(false))
        {
            while (true)
            {
                s_current.Value = call; // each step of an iterator runs in its caller's context
                if (!await items.MoveNextAsync().ConfigureAwait(false))
                {
                    break;
                }

                yield return items.Current;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    internal sealed record Call(TimeSpan? FirstByteTimeout, TimeSpan? IdleTimeout, CancellationToken Token);
}
