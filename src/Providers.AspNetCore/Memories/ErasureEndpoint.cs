using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;
using Providers.Memory;

namespace Providers.AspNetCore.Memories;

/// <summary>DELETE /v1/memories: erases for good, as a job; and the jobs.</summary>
internal sealed class ErasureEndpoint(IMemoryService memory, JobBoard jobs)
{
    public async Task EraseAsync(Exchange exchange)
    {
        MemoryScope scope = QueryReader.Scope(exchange);
        FilterBody? body = QueryReader.FilterBody(exchange.Request);
        MemoryFilter? filter = body is null ? null : BodyMapping.Filter(body);
        if (body?.State is not (null or "any"))
        {
            throw new ApiException("invalid_request", "An erasure takes active and archived memories alike; leave filter.state out, or say any.", "filter.state");
        }

        if ((filter is null || !HasCondition(filter)) && QueryReader.One(exchange.Request, "all") != "true")
        {
            throw new ApiException("invalid_request", "Say what to erase: a filter with at least one condition, or all=true for everything in the namespace.", "filter");
        }

        // The filter is checked before the job begins, so that a mistake is told to whoever made it.
        await memory.Store.ListAsync(scope, new MemoryListOptions { Limit = 1, Filter = filter }, exchange.Aborted).ConfigureAwait(false);
        JobView job = jobs.Start(scope.Tenant, "erasure", async token => await memory.Store.EraseAsync(scope, filter, token).ConfigureAwait(false));
        exchange.Response.Headers.Location = exchange.At($"/v1/jobs/{job.Id}");
        await JsonAnswer.SendAsync(exchange, job, MemoryJson.Default.JobView, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    /// <summary>Says whether a filter leaves anything out; whether memories are archived is no condition, as in the store's own deletions.</summary>
    private static bool HasCondition(MemoryFilter filter) =>
        filter.Ids.Count + filter.Kinds.Count + filter.TagsAny.Count + filter.TagsAll.Count + filter.Metadata.Count > 0
        || filter is not { Source: null, CreatedFrom: null, CreatedBefore: null, UpdatedBefore: null, MinImportance: null };

    public Task JobAsync(Exchange exchange) =>
        JsonAnswer.SendAsync(exchange, jobs.Find(exchange.Caller.Tenant, exchange.Route("id")) ?? throw new ApiException("not_found", "There is no such job."), MemoryJson.Default.JobView);

    public async Task CancelAsync(Exchange exchange)
    {
        JobView job = await jobs.CancelAsync(exchange.Caller.Tenant, exchange.Route("id")).ConfigureAwait(false) ?? throw new ApiException("not_found", "There is no such job.");
        await JsonAnswer.SendAsync(exchange, job, MemoryJson.Default.JobView, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }
}
