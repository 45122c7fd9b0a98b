using System.Globalization;
using System.Text.Json;

namespace Providers.Orchestration.Orleans;

/// <summary>A tenant's list, in pages, so that adding to a long one costs no more than to a short one. One writer at a time; others may read meanwhile.</summary>
internal sealed class WorkflowPages(DocumentStore documents) : IDisposable
{
    /// <summary>Places of one page.</summary>
    public const int Size = 200;

    private readonly SemaphoreSlim _turn = new(1);
    private ListHead _head = new(0, 0);
    private ListPage _last = new(0, []);
    private string? _headTag, _lastTag;

    public long First => _head.First;

    public long Last => _head.Last;

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        (string? head, _headTag) = await documents.ReadAsync(ListHead.Name, cancellationToken).ConfigureAwait(true);
        _head = head is null ? _head : JsonSerializer.Deserialize(head, ClusterJson.Default.ListHead)!;
        (_last, _lastTag) = await ReadAsync(_head.Last, cancellationToken).ConfigureAwait(true);
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Adds a workflow at the end.</summary>
    /// <returns>Its place.</returns>
    public async Task<long> AddAsync(string id, DateTimeOffset now)
    {
        await _turn.WaitAsync().ConfigureAwait(true);
        try
        {
            long place = _last.Next;
            if (place / Size > _head.Last)
            {
                await WriteHeadAsync(_head with { Last = place / Size }).ConfigureAwait(true);
                (_last, _lastTag) = (new ListPage(place, []), null);
            }

            await WriteLastAsync(new ListPage(place + 1, [.. _last.Entries, new ListEntry(place, id, now)])).ConfigureAwait(true);
            return place;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task<IReadOnlyList<ListEntry>> EntriesAsync(long page, CancellationToken cancellationToken) =>
        page == _head.Last ? _last.Entries : (await ReadAsync(page, cancellationToken).ConfigureAwait(true)).Page.Entries;

    /// <summary>Takes workflows off a page; pages at the beginning that have become empty go altogether.</summary>
    public async Task RemoveAsync(long page, IReadOnlySet<long> places)
    {
        await _turn.WaitAsync().ConfigureAwait(true);
        try
        {
            if (page == _head.Last)
            {
                await WriteLastAsync(Without(_last, places)).ConfigureAwait(true);
                return;
            }

            (ListPage there, string? etag) = await ReadAsync(page, CancellationToken.None).ConfigureAwait(true);
            ListPage left = Without(there, places);
            if (left.Entries.Count > 0)
            {
                await documents.WriteAsync(NameOf(page), JsonSerializer.Serialize(left, ClusterJson.Default.ListPage), etag, CancellationToken.None).ConfigureAwait(true);
                return;
            }

            await documents.ClearAsync(NameOf(page), CancellationToken.None).ConfigureAwait(true);
            if (page == _head.First)
            {
                await WriteHeadAsync(_head with { First = page + 1 }).ConfigureAwait(true);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private static ListPage Without(ListPage page, IReadOnlySet<long> places) => page with { Entries = [.. page.Entries.Where(e => !places.Contains(e.Place))] };

    private static string NameOf(long page) => string.Create(CultureInfo.InvariantCulture, $"page.{page}");

    private async Task<(ListPage Page, string? ETag)> ReadAsync(long page, CancellationToken cancellationToken)
    {
        (string? json, string? etag) = await documents.ReadAsync(NameOf(page), cancellationToken).ConfigureAwait(true);
        return (json is null ? new ListPage(page * Size, []) : JsonSerializer.Deserialize(json, ClusterJson.Default.ListPage)!, etag);
    }

    private async Task WriteHeadAsync(ListHead head)
    {
        _headTag = await documents.WriteAsync(ListHead.Name, JsonSerializer.Serialize(head, ClusterJson.Default.ListHead), _headTag, CancellationToken.None).ConfigureAwait(true);
        _head = head;
    }

    private async Task WriteLastAsync(ListPage page)
    {
        _lastTag = await documents.WriteAsync(NameOf(_head.Last), JsonSerializer.Serialize(page, ClusterJson.Default.ListPage), _lastTag, CancellationToken.None).ConfigureAwait(true);
        _last = page;
    }
}
