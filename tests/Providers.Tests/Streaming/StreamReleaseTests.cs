using Microsoft.Extensions.AI;
using Providers.Tests.Support;

namespace Providers.Tests.Streaming;

/// <summary>A client that is slow to let go of its stream, or never does: the request goes on after Timeouts:Trailer, a second unless the host says otherwise.</summary>
public sealed class StreamReleaseTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");
    private readonly Clinging _client;

    public StreamReleaseTests() => _first.Client = _client = new Clinging(_first);

    [Fact]
    public async Task Stream_FailsAtTheStartAndIsNeverLetGo_SecondServes()
    {
        _first.Stream = static (_, _) => Reply.Tokens(to: 0, then: new IOException("gone"));
        await using TestComposite composite = new([_first, _second]);
        Reading reading = await TakesAsync(composite, Reading.OfAsync(composite.Stream()), Second);
        reading.Error.Should().BeNull();
        reading.Text.Should().Be(Reply.Canonical);
        reading.Updates.ToChatResponse().GetProvider().Should().Be("second");
    }

    [Fact]
    public async Task Stream_BreaksAndIsNeverLetGo_CallerIsTold()
    {
        _first.Stream = static (_, _) => Reply.Tokens(to: 20, then: new IOException("gone"));
        await using TestComposite composite = new([_first, _second]);
        Reading reading = await TakesAsync(composite, Reading.OfAsync(composite.Stream()), Second);
        reading.Error.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.ConnectionLost);
        composite.Catalog.GetProviders()[0].Targets[0].Failures.Should().Be(1);
    }

    [Fact]
    public async Task Stream_WholeButNeverLetGo_IsAnAnswerAndItsTokenServesNobodyElse()
    {
        await using TestComposite composite = new([_first]);
        Reading reading = await TakesAsync(composite, Reading.OfAsync(composite.Stream()), Second);
        reading.Error.Should().BeNull();
        reading.Text.Should().Be(Reply.Canonical);
        composite.Catalog.GetProviders()[0].Targets[0].Successes.Should().Be(1);
        _client.Tokens.Single().IsCancellationRequested.Should().BeTrue("the client may still hold on to it");
        _client.LetsGo = Task.CompletedTask;
        (await Reading.OfAsync(composite.Stream())).Text.Should().Be(Reply.Canonical);
        _client.Tokens[1].IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Stream_CancelledAndNeverLetGo_IsCancelled()
    {
        using CancellationTokenSource caller = new();
        await using TestComposite composite = new([_first]);
        Task<Reading> task = ReadAsync(composite, caller);
        Reading reading = await TakesAsync(composite, task, Second);
        reading.Error.Should().BeAssignableTo<OperationCanceledException>();

        static async Task<Reading> ReadAsync(TestComposite composite, CancellationTokenSource caller)
        {
            List<ChatResponseUpdate> updates = [];
            try
            {
                await foreach (ChatResponseUpdate update in composite.Stream(token: caller.Token))
                {
                    updates.Add(update);
                    Cancel(caller);
                }
            }
            catch (OperationCanceledException e)
            {
                return new Reading(updates, e);
            }

            return new Reading(updates, null);
        }

        static void Cancel(CancellationTokenSource caller) => caller.Cancel(); // here and now: the clock is moved next
    }

    [Fact]
    public async Task Stream_CallerLeavesAndItIsNeverLetGo_CallerIsFree()
    {
        await using TestComposite composite = new([_first], static o => o.Timeouts.Trailer = TimeSpan.FromSeconds(3));
        (await TakesAsync(composite, LeaveAsync(composite), TimeSpan.FromSeconds(3))).Should().BeTrue();

        static async Task<bool> LeaveAsync(TestComposite composite)
        {
            await foreach (ChatResponseUpdate _ in composite.Stream())
            {
                return true;
            }

            return false;
        }
    }

    [Fact]
    public async Task Stream_LetGoWithinItsTime_IsWaitedFor()
    {
        TaskCompletionSource gone = new();
        _client.LetsGo = gone.Task;
        await using TestComposite composite = new([_first]);
        Task<Reading> task = Reading.OfAsync(composite.Stream());
        composite.Clock.Advance(Second / 2);
        task.IsCompleted.Should().BeFalse();
        gone.SetResult();
        (await task).Text.Should().Be(Reply.Canonical);
        _client.Tokens.Single().IsCancellationRequested.Should().BeFalse("all went well");
    }

    [Fact]
    public async Task Stream_NeverLetGoAtTheDeadline_IsNotWaitedFor()
    {
        _first.Stream = (_, token) => Reply.Silence(5, token);
        await using TestComposite composite = new([_first], static o =>
        {
            o.Timeouts.Total = TimeSpan.FromSeconds(10);
            o.Timeouts.Gap = TimeSpan.FromSeconds(9.5);
        });
        Reading reading = await TakesAsync(composite, Reading.OfAsync(composite.Stream()), TimeSpan.FromSeconds(10));
        reading.Error.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.TimedOut);
    }

    /// <summary>Sees that something takes so long by the clock, and no longer.</summary>
    private static async Task<T> TakesAsync<T>(TestComposite composite, Task<T> task, TimeSpan time)
    {
        composite.Clock.Advance(time - TimeSpan.FromMilliseconds(1));
        task.IsCompleted.Should().BeFalse("it waits for the client until then");
        composite.Clock.Advance(TimeSpan.FromMilliseconds(1));
        return await task.WaitAsync(TimeSpan.FromMinutes(2));
    }

    /// <summary>Passes another's stream on, and is done with it only when it is told so.</summary>
    private sealed class Clinging(IChatClient inner) : DelegatingChatClient(inner)
    {
        public Task LetsGo { get; set; } = new TaskCompletionSource().Task;

        public List<CancellationToken> Tokens { get; } = [];

        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Tokens.Add(cancellationToken);
            return new Stream(base.GetStreamingResponseAsync(messages, options, cancellationToken), this);
        }

        private sealed class Stream(IAsyncEnumerable<ChatResponseUpdate> inner, Clinging client) : IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
        {
            private IAsyncEnumerator<ChatResponseUpdate> _updates = null!;

            public ChatResponseUpdate Current => _updates.Current;

            public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default)
            {
                _updates = inner.GetAsyncEnumerator(cancellationToken);
                return this;
            }

            public ValueTask<bool> MoveNextAsync() => _updates.MoveNextAsync();

            public async ValueTask DisposeAsync()
            {
                await client.LetsGo;
                await _updates.DisposeAsync();
            }
        }
    }
}
