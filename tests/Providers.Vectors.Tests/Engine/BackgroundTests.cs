namespace Providers.Vectors.Tests.Engine;

/// <summary>The background task in the moment between finding nothing to do and having ended: what is written then must be looked after all the same.</summary>
public sealed class BackgroundTests
{
    private const int D = 8;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Write_WhileTheBackgroundTaskEnds_IsStillFollowedUp()
    {
        using EndingEngine stage = new();
        await stage.ReachTheEndAsync();
        stage.Write(200);
        stage.LetGo();
        (await stage.StageWhenIdleAsync()).Should().Be(nameof(IndexStage.Graph));
    }

    [Fact]
    public async Task Write_WhileACompactionIsStillToCome_IsFollowedUpAfterIt()
    {
        using EndingEngine stage = new();
        await stage.ReachTheEndAsync();
        Task compacted = stage.Engine.CompactAsync();
        stage.Write(200);
        stage.LetGo();
        await compacted.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        (await stage.StageWhenIdleAsync()).Should().Be(nameof(IndexStage.Graph));
    }

    [Fact]
    public async Task Search_WhileTheBackgroundTaskEnds_DoesNotWaitForIt()
    {
        using EndingEngine stage = new();
        await stage.ReachTheEndAsync();
        stage.Engine.Search(TestData.Uniform(1, D, 9), new VectorMatch[3], null).Should().Be(3);
        stage.LetGo();
        (await stage.StageWhenIdleAsync()).Should().Be(nameof(IndexStage.Int8));
    }

    [Fact]
    public async Task Task_ThatFailed_IsBegunAnewByTheNextWrite()
    {
        using EndingEngine stage = new();
        stage.Engine.Decided = static _ => throw new InvalidOperationException("It fell before it began.");
        stage.Write(100);
        await FluentActions.Awaiting(() => stage.Engine.WhenIdleAsync().WaitAsync(s_patience)).Should().ThrowAsync<InvalidOperationException>();
        stage.Engine.GetStats().Structure.Should().Be(nameof(IndexStage.Exact));
        stage.Engine.Decided = static _ => { };
        stage.Write(101);
        (await stage.StageWhenIdleAsync()).Should().Be(nameof(IndexStage.Int8));
    }

    /// <summary>An index that takes codes at 100 vectors and a graph at 200, and whose first background task is held where it has decided to end.</summary>
    private sealed class EndingEngine : IDisposable
    {
        private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _letGo = new();

        public VectorEngine Engine { get; } = new(new VectorIndexOptions { Dimensions = D, BuildExpansion = 16, Links = 8, QuantizeFrom = 100, GraphFrom = 200 }, IndexKind.Adaptive);

        public Task ReachTheEndAsync()
        {
            Engine.Decided = more =>
            {
                if (!more)
                {
                    _ending.TrySetResult();
                    _letGo.Wait(s_patience);
                }
            };
            Write(100);
            return _ending.Task.WaitAsync(s_patience);
        }

        /// <summary>Writes the vectors that are still missing.</summary>
        public void Write(int until)
        {
            int from = Engine.View.Live;
            Engine.Upsert(TestData.Ids(until).AsSpan(from), TestData.Uniform(until, D, 30).AsSpan(from * D));
        }

        public void LetGo() => _letGo.Set();

        public async Task<string> StageWhenIdleAsync()
        {
            await Engine.WhenIdleAsync().WaitAsync(s_patience);
            return Engine.GetStats().Structure;
        }

        public void Dispose()
        {
            _letGo.Set();
            Engine.Dispose();
            _letGo.Dispose();
        }
    }
}
