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
        MemoryFilter? filter = QueryReader.Filter(exchange.Request);
        if (filter is null && QueryReader.One(exchange.Request, "all") != "true")
        {
            throw new ApiException("invalid_request", "Say what to erase: a filter, or all=true for everything in the namespace.", "filter");
        }

        // The filter is checked before the job begins, so that a mistake is told to whoever made it.
        await memory.Store.ListAsync(scope, new MemoryListOptions { Limit = 1, Filter = filter }, exchange.Aborted).ConfigureAwait(false);
        JobView job = jobs.Start(scope.Tenant, "erasure", async token => await memory.Store.EraseAsync(scope, filter, token).ConfigureAwait(false));
        exchange.Response.Headers.Location = $"/v1/jobs/{job.Id}";
        await JsonAnswer.SendAsync(exchange, job, MemoryJson.Default.JobView, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    public Task JobAsync(Exchange exchange) =>
        JsonAnswer.SendAsync(exchange, jobs.Find(exchange.Caller.Tenant, exchange.Route("id")) ?? throw new ApiException("not_found", "There is no such job."), MemoryJson.Default.JobView);

    public async Task CancelAsync(Exchange exchange)
    {
        JobView job = await jobs.CancelAsync(exchange.Caller.Tenant, exchange.Route("id")).ConfigureAwait(false) ?? throw new ApiException("not_found", "There is no such job.");
        await JsonAnswer.SendAsync(exchange, job, MemoryJson.Default.JobView, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }
}
