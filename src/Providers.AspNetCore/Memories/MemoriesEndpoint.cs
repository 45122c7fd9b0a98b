using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;
using Providers.Memory;

namespace Providers.AspNetCore.Memories;

/// <summary>Many memories: list, search, count, change together.</summary>
internal sealed class MemoriesEndpoint(IMemoryService memory, IdempotencyGate gate)
{
    private const int MostOperations = 1000;

    public async Task ListAsync(Exchange exchange)
    {
        HttpRequest request = exchange.Request;
        MemoryListOptions options = new()
        {
            Limit = QueryReader.Number(request, "limit", 50, 1, 200),
            Cursor = QueryReader.One(request, "cursor"),
            Filter = QueryReader.Filter(request),
            Order = QueryReader.One(request, "order") switch
            {
                null or "oldest_first" => MemoryOrder.OldestFirst,
                "newest_first" => MemoryOrder.NewestFirst,
                _ => throw new ApiException("invalid_request", "order must be oldest_first or newest_first.", "order"),
            },
        };
        MemoryPage page = await memory.Store.ListAsync(QueryReader.Scope(exchange), options, exchange.Aborted).ConfigureAwait(false);
        if (page.NextCursor is { } next)
        {
            QueryBuilder query = new(request.Query.Where(static q => q.Key != "cursor").SelectMany(static q => q.Value, static (q, v) => new KeyValuePair<string, string>(q.Key, v ?? "")))
            {
                { "cursor", next },
            };
            exchange.Response.Headers.Link = $"<{request.PathBase}{request.Path}{query.ToQueryString()}>; rel=\"next\"";
        }

        MemoryPageView view = new([.. page.Records.Select(static r => MemoryView.Of(r))]) { NextCursor = page.NextCursor };
        await JsonAnswer.SendAsync(exchange, view, MemoryJson.Default.MemoryPageView).ConfigureAwait(false);
    }

    public async Task SearchAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        SearchBody body = await JsonBody.ReadAsync(exchange, MemoryJson.Default.SearchBody).ConfigureAwait(false);

        using RequestTime time = new(exchange);
        IReadOnlyList<MemoryMatch> matches = await memory.SearchAsync(scope, BodyMapping.Query(body), time.Token).ConfigureAwait(false);
        bool explain = body.Explain ?? false;
        MatchListView view = new([.. matches.Select(m => new MatchView(MemoryView.Of(m.Record), m.Score)
        {
            VectorScore = explain ? m.VectorScore : null,
            KeywordScore = explain ? m.KeywordScore : null,
            Factors = explain ? m.Factors : null,
        })]);
        await JsonAnswer.SendAsync(exchange, view, MemoryJson.Default.MatchListView).ConfigureAwait(false);
    }

    public async Task BatchAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        string? key = IdempotencyGate.KeyOf(exchange);
        using PooledBuffer buffer = await BodyReader.ReadJsonAsync(exchange.Request, exchange.Services.Options.Limits.MaxLargeBodyBytes, exchange.Aborted).ConfigureAwait(false);
        BatchBody body = JsonText.Parse(buffer.WrittenSpan, MemoryJson.Default.BatchBody);
        if (body.Operations is not { Count: >= 1 and <= MostOperations })
        {
            throw new ApiException("validation_failed", $"operations holds {body.Operations?.Count ?? 0} changes; 1 to {MostOperations} are allowed.", "operations");
        }

        MemoryTransaction transaction = BodyMapping.Transaction(body, scope, exchange.Caller.Id, exchange.Services.Clock) with { IdempotencyKey = key };
        CancellationToken token = key is null ? exchange.Aborted : exchange.Services.Drain.Cut;
        Answer answer = await gate.RunAsync(key, scope.ToString(), buffer.WrittenMemory, async () =>
        {
            MemoryTransactionResult result = await memory.ExecuteAsync(transaction, token).ConfigureAwait(false);
            BatchView view = new([.. result.Outcomes.Select(static o => new OutcomeView(Admin.CatalogView.Word(o.Change), o.Id, o.Version))], result.Replayed);
            return new Answer(StatusCodes.Status200OK, view, MemoryJson.Default.BatchView) { Replayed = result.Replayed, Weight = view.Outcomes.Count };
        }).ConfigureAwait(false);
        await answer.SendAsync(exchange).ConfigureAwait(false);
    }

    public async Task StatsAsync(Exchange exchange)
    {
        MemoryStats stats = await memory.Store.GetStatsAsync(QueryReader.Scope(exchange), exchange.Aborted).ConfigureAwait(false);
        StatsView view = new(stats.Count, stats.TextBytes, stats.Archived, stats.Links)
        {
            ByKind = stats.ByKind,
            ByTag = stats.ByTag,
            BySpace = stats.BySpace,
            Oldest = stats.Oldest,
            Newest = stats.Newest,
        };
        await JsonAnswer.SendAsync(exchange, view, MemoryJson.Default.StatsView).ConfigureAwait(false);
    }

    public async Task TagsAsync(Exchange exchange)
    {
        int top = QueryReader.Number(exchange.Request, "limit", 100, 1, 200);
        string prefix = QueryReader.One(exchange.Request, "prefix") ?? "";
        IReadOnlyList<string> tags = await memory.Store.ListTagsAsync(QueryReader.Scope(exchange), prefix, top, exchange.Aborted).ConfigureAwait(false);
        await JsonAnswer.SendAsync(exchange, new TagListView(tags), MemoryJson.Default.TagListView).ConfigureAwait(false);
    }
}
