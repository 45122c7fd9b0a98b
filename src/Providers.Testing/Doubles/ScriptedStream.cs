using Microsoft.Extensions.AI;

namespace Providers.Testing.Doubles;

/// <summary>The stream of one scripted call.</summary>
internal sealed class ScriptedStream(ScriptedChatClient client, LoggedRequest request, ChatScript script, CancellationToken called) : IAsyncEnumerable<ChatResponseUpdate>
{
    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        script.OnEnumerate is { } error ? throw error : new Enumerator(client, request, script, called, cancellationToken);

    private sealed class Enumerator : IAsyncEnumerator<ChatResponseUpdate>
    {
        private readonly ScriptedChatClient _client;
        private readonly LoggedRequest _request;
        private readonly ChatScript _script;
        private readonly IEnumerator<ScriptStep> _steps;
        private readonly CancellationTokenSource _linked;
        private ChatResponseUpdate? _current;
        private int _index = -1;
        private int _moving;
        private bool _ended;
        private bool _disposed;

        public Enumerator(ScriptedChatClient client, LoggedRequest request, ChatScript script, CancellationToken called, CancellationToken enumerated)
        {
            (_client, _request, _script) = (client, request, script);
            _steps = script.Steps.GetEnumerator();
            _linked = CancellationTokenSource.CreateLinkedTokenSource(called, enumerated);
            client.Opened();
        }

        public ChatResponseUpdate Current => _script.OnCurrent is { } throws && throws.Update == _index ? throw throws.Error : _current!;

        public async ValueTask<bool> MoveNextAsync()
        {
            if (Interlocked.Exchange(ref _moving, 1) == 1)
            {
                _client.Overlapped();
                throw new InvalidOperationException("The enumerator is moving already: two use it at a time.");
            }

            try
            {
                return await MoveAsync(_linked.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_linked.IsCancellationRequested)
            {
                _request.ClientLeft = true;
                End();
                throw;
            }
            catch
            {
                End();
                throw;
            }
            finally
            {
                Volatile.Write(ref _moving, 0);
            }
        }

        public ValueTask DisposeAsync()
        {
            if (Volatile.Read(ref _moving) == 1)
            {
                _client.Overlapped();
                throw new NotSupportedException("The enumerator is disposed while it is moving."); // as compiled iterators do
            }

            if (_disposed)
            {
                return default;
            }

            _disposed = true;
            _client.Disposed();
            _request.ClientLeft |= !_ended;
            End();
            _steps.Dispose();
            _linked.Dispose();
            return _script.OnDispose is { } error ? throw error : default;
        }

        private async ValueTask<bool> MoveAsync(CancellationToken token)
        {
            if (_ended || _disposed)
            {
                return false;
            }

            if (_index < 0)
            {
                await _client.LoadAsync(_request, token).ConfigureAwait(false);
            }

            while (_steps.MoveNext())
            {
                ScriptStep step = _steps.Current;
                await step.WaitAsync(_client.Clock, token).ConfigureAwait(false);
                if (step.Error is { } error)
                {
                    throw error;
                }

                if (step.Update is { } update)
                {
                    if (!step.IgnoresToken)
                    {
                        token.ThrowIfCancellationRequested();
                    }

                    _index++;
                    _current = update.Clone();
                    return true;
                }
            }

            End();
            return false;
        }

        private void End()
        {
            if (!_ended)
            {
                _ended = true;
                _client.Ended(_request);
            }
        }
    }
}
