using Orleans.Runtime;
using Orleans.Storage;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>A tenant's list over many pages.</summary>
public sealed class PagesTests
{
    private static readonly DateTimeOffset Now = SharedCluster.NewTime().GetUtcNow();
    private readonly SharedStorage _storage = new();

    [Fact]
    public async Task Add_MoreThanAPage_OpensFurtherPagesAndNeverGivesAPlaceTwice()
    {
        using (WorkflowPages pages = await OpenAsync())
        {
            (await AddAsync(pages, 450)).Should().Equal(Enumerable.Range(0, 450).Select(static i => (long)i));
            (pages.First, pages.Last).Should().Be((0, 2));
            await pages.RemoveAsync(2, Places(449, 449));
        }

        using WorkflowPages later = await OpenAsync();
        (await later.AddAsync("late", Now)).Should().Be(450);
        (await later.EntriesAsync(2, default)).Select(static e => e.Place).Should().Equal([.. Enumerable.Range(400, 49), 450]);
        (await later.EntriesAsync(1, default)).Select(static e => e.Id).Should().Equal(Enumerable.Range(200, 200).Select(static i => $"w{i}"));
    }

    [Fact]
    public async Task Remove_WholePages_TheyGoFromTheBeginning()
    {
        using WorkflowPages pages = await OpenAsync();
        await AddAsync(pages, 601);
        await pages.RemoveAsync(1, Places(200, 300));
        (await pages.EntriesAsync(1, default)).Should().HaveCount(99);
        await pages.RemoveAsync(2, Places(400, 599));
        pages.First.Should().Be(0, "the first page is still there");
        await pages.RemoveAsync(0, Places(0, 199));
        (pages.First, pages.Last).Should().Be((1, 3));
        _storage.Names.Should().Equal("list", "page.1", "page.3");
        (await pages.EntriesAsync(2, default)).Should().BeEmpty();
    }

    [Fact]
    public async Task Add_DiesBetweenHeadAndPage_GoesOnInTheNewPage()
    {
        using (WorkflowPages pages = await OpenAsync())
        {
            await AddAsync(pages, 200);
            _storage.Refuses = static (name, _, _) => name == "page.1";
            await FluentActions.Awaiting(() => pages.AddAsync("lost", Now)).Should().ThrowAsync<IOException>();
            _storage.Refuses = null;
        }

        using WorkflowPages later = await OpenAsync();
        later.Last.Should().Be(1);
        (await later.AddAsync("next", Now)).Should().Be(200);
    }

    [Fact]
    public async Task Add_ByTwoActivations_TheSecondIsRefused()
    {
        using WorkflowPages one = await OpenAsync(), two = await OpenAsync();
        await one.AddAsync("a", Now);
        await FluentActions.Awaiting(() => two.AddAsync("b", Now)).Should().ThrowAsync<InconsistentStateException>();
    }

    private static HashSet<long> Places(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(static i => (long)i)];

    private static async Task<List<long>> AddAsync(WorkflowPages pages, int count)
    {
        List<long> places = [];
        for (int i = 0; i < count; i++)
        {
            places.Add(await pages.AddAsync($"w{i}", Now));
        }

        return places;
    }

    private async Task<WorkflowPages> OpenAsync()
    {
        WorkflowPages pages = new(new DocumentStore(_storage, GrainId.Create("providers.workflows", "acme")));
        await pages.OpenAsync(default);
        return pages;
    }
}
