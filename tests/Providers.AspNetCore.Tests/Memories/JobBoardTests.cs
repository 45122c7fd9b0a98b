using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Providers.AspNetCore.Memories;

namespace Providers.AspNetCore.Tests.Memories;

public sealed class JobBoardTests
{
    [Fact]
    public async Task Job_EndedByATimeoutOfItsOwn_FailedAndWasNotCancelled()
    {
        await using JobBoard board = new(new FakeTimeProvider(), NullLogger<JobBoard>.Instance);
        JobView job = await EndAsync(board, static _ => throw new TaskCanceledException("the store took too long"));
        (job.Status, job.Error).Should().Be(("failed", "The work was not done in time."));
    }

    [Fact]
    public async Task Job_ThatSomebodyCancels_IsCancelled()
    {
        await using JobBoard board = new(new FakeTimeProvider(), NullLogger<JobBoard>.Instance);
        JobView job = board.Start("acme", "erasure", static async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return 0;
        });
        (await board.CancelAsync("other", job.Id)).Should().BeNull("it is not theirs");
        (await board.CancelAsync("acme", job.Id)).Should().NotBeNull();
        (await WaitAsync(board, job)).Should().Match<JobView>(static j => j.Status == "cancelled" && j.Error == null);
    }

    private static Task<JobView> EndAsync(JobBoard board, Func<CancellationToken, Task<long>> work) => WaitAsync(board, board.Start("acme", "erasure", work));

    private static async Task<JobView> WaitAsync(JobBoard board, JobView job)
    {
        while (board.Find("acme", job.Id)!.Status == "running")
        {
            await Task.Yield();
        }

        return board.Find("acme", job.Id)!;
    }
}
