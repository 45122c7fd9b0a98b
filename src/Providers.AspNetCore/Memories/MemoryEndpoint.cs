using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;
using Providers.Memory;

namespace Providers.AspNetCore.Memories;

/// <summary>One memory: store, get, replace, change, delete.</summary>
internal sealed class MemoryEndpoint(IMemoryService memory, IdempotencyGate gate)
{
    public async Task CreateAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        string? key = IdempotencyGate.KeyOf(exchange);
        using PooledBuffer body = await BodyReader.ReadJsonAsync(exchange.Request, exchange.Services.Options.Limits.MaxBodyBytes, exchange.Aborted).ConfigureAwait(false);
        MemoryBody request = JsonText.Parse(body.WrittenSpan, MemoryJson.Default.MemoryBody);
        MemoryRecord record = BodyMapping.Record(request, request.Id ?? "", exchange.Caller.Id, exchange.Services.Clock);
        CancellationToken token = key is null ? exchange.Aborted : exchange.Services.Drain.Cut; // others may be waiting for the same effect
        Answer answer = await gate.RunAsync(key, scope.ToString(), body.WrittenMemory, () => StoreAsync(scope, record, key, token)).ConfigureAwait(false);
        await answer.SendAsync(exchange).ConfigureAwait(false);
    }

    public async Task GetAsync(Exchange exchange)
    {
        MemoryRecord record = await FindAsync(exchange, QueryReader.Scope(exchange)).ConfigureAwait(false);
        exchange.Response.Headers.ETag = EntityTags.Of(record.Version);
        if (EntityTags.IsKnown(exchange.Request, record.Version))
        {
            exchange.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        bool vector = QueryReader.One(exchange.Request, "include") switch
        {
            null => false,
            "vector" => true,
            _ => throw new ApiException("invalid_request", "include must be vector.", "include"),
        };
        await JsonAnswer.SendAsync(exchange, MemoryView.Of(record, vector), MemoryJson.Default.MemoryView).ConfigureAwait(false);
    }

    public async Task ReplaceAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        long expected = EntityTags.CreatesOnly(exchange.Request) ? 0 : await ExpectedAsync(exchange, scope).ConfigureAwait(false);
        MemoryBody request = await JsonBody.ReadAsync(exchange, MemoryJson.Default.MemoryBody).ConfigureAwait(false);
        string id = exchange.Route("id");
        if (request.Id is { } other && other != id)
        {
            throw new ApiException("invalid_request", "The id in the body is not the one in the address; leave it out.", "id");
        }

        MemoryRecord record = BodyMapping.Record(request, id, exchange.Caller.Id, exchange.Services.Clock);
        await ChangeAsync(exchange, scope, new MemoryUpsert(record) { ExpectedVersion = expected }).ConfigureAwait(false);
    }

    public async Task PatchAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        long expected = await ExpectedAsync(exchange, scope).ConfigureAwait(false);
        MemoryPatchBody request = await JsonBody.ReadAsync(exchange, MemoryJson.Default.MemoryPatchBody).ConfigureAwait(false);
        await ChangeAsync(exchange, scope, BodyMapping.Patch(exchange.Route("id"), request, expected, exchange.Services.Clock)).ConfigureAwait(false);
    }

    public async Task DeleteAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        long expected = await ExpectedAsync(exchange, scope).ConfigureAwait(false);
        await memory.ExecuteAsync(new MemoryTransaction(scope, [new MemoryDelete(exchange.Route("id")) { ExpectedVersion = expected }]), exchange.Aborted).ConfigureAwait(false);
        exchange.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task HistoryAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        await FindAsync(exchange, scope).ConfigureAwait(false);
        IReadOnlyList<MemoryRecord> versions = await memory.Store.GetHistoryAsync(scope, exchange.Route("id"), exchange.Aborted).ConfigureAwait(false);
        await JsonAnswer.SendAsync(exchange, new MemoryListView([.. versions.Select(static v => MemoryView.Of(v))]), MemoryJson.Default.MemoryListView).ConfigureAwait(false);
    }

    public async Task RelatedAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        await FindAsync(exchange, scope).ConfigureAwait(false);
        string? relation = QueryReader.One(exchange.Request, "relation");
        MemoryRelatedOptions options = new()
        {
            Relations = relation is null ? [] : [BodyMapping.Relation(relation, "relation")],
            Depth = QueryReader.Number(exchange.Request, "depth", 1, 1, 10),
            Limit = QueryReader.Number(exchange.Request, "limit", 200, 1, 1000),
            Direction = QueryReader.One(exchange.Request, "direction") switch
            {
                null or "both" => MemoryLinkDirection.Both,
                "outgoing" => MemoryLinkDirection.Outgoing,
                "incoming" => MemoryLinkDirection.Incoming,
                _ => throw new ApiException("invalid_request", "direction must be both, outgoing or incoming.", "direction"),
            },
        };
        IReadOnlyList<MemoryEdge> edges = await memory.Store.GetRelatedAsync(scope, exchange.Route("id"), options, exchange.Aborted).ConfigureAwait(false);
        EdgeListView view = new([.. edges.Select(static e => new EdgeView(e.From, Admin.CatalogView.Word(e.Relation), e.To, e.Depth))]);
        await JsonAnswer.SendAsync(exchange, view, MemoryJson.Default.EdgeListView).ConfigureAwait(false);
    }

    private async Task<Answer> StoreAsync(MemoryScope scope, MemoryRecord record, string? key, CancellationToken cancellationToken)
    {
        if (record.Id.Length == 0)
        {
            MemoryReceipt receipt = await memory.StoreAsync(scope, record, key, cancellationToken).ConfigureAwait(false);
            return Receipt(new ReceiptView(receipt.Id, receipt.Version, receipt.Created) { DuplicateOf = receipt.DuplicateOf });
        }

        MemoryTransaction transaction = new(scope, [new MemoryUpsert(record) { ExpectedVersion = 0 }]) { IdempotencyKey = key };
        try
        {
            MemoryOutcome outcome = (await memory.ExecuteAsync(transaction, cancellationToken).ConfigureAwait(false)).Outcomes[0];
            return Receipt(new ReceiptView(outcome.Id, outcome.Version, outcome.Change is MemoryChange.Created));
        }
        catch (MemoryConflictException e)
        {
            throw new ApiException(new ApiError("conflict", $"Memory '{record.Id}' exists already, at version {e.Current}. Change it with PUT or PATCH."), e);
        }
    }

    private async Task ChangeAsync(Exchange exchange, MemoryScope scope, MemoryOperation operation)
    {
        MemoryTransaction transaction = new(scope, [operation]) { KeepHistory = exchange.Request.Query["keep_history"] == "true" };
        MemoryOutcome outcome = (await memory.ExecuteAsync(transaction, exchange.Aborted).ConfigureAwait(false)).Outcomes[0];
        await Receipt(new ReceiptView(outcome.Id, outcome.Version, outcome.Change is MemoryChange.Created)).SendAsync(exchange).ConfigureAwait(false);
    }

    private static Answer Receipt(ReceiptView view) => new(view.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK, view, MemoryJson.Default.ReceiptView)
    {
        ETag = EntityTags.Of(view.Version),
        Location = $"/v1/memories/{view.Id}",
    };

    /// <summary>Says which version a change must find; where the header leaves it open or names several, the present one if it is among them.</summary>
    private async ValueTask<long> ExpectedAsync(Exchange exchange, MemoryScope scope)
    {
        IReadOnlyList<long>? allowed = EntityTags.IfMatch(exchange.Request);
        if (allowed is [long only])
        {
            return only;
        }

        MemoryRecord record = await FindAsync(exchange, scope).ConfigureAwait(false);
        return allowed is null || allowed.Contains(record.Version) ? record.Version
            : throw new ApiException("precondition_failed", $"Memory '{record.Id}' is at version {record.Version}, which If-Match does not name.");
    }

    private async ValueTask<MemoryRecord> FindAsync(Exchange exchange, MemoryScope scope) =>
        await memory.Store.GetAsync(scope, exchange.Route("id"), exchange.Aborted).ConfigureAwait(false)
            ?? throw new ApiException("not_found", "There is no such memory.");
}
