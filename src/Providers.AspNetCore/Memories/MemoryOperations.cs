using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Documents;
using Providers.AspNetCore.Pipeline;
using Providers.Memory;

namespace Providers.AspNetCore.Memories;

/// <summary>The memory endpoints.</summary>
internal static class MemoryOperations
{
    private const GatewayScopes Read = GatewayScopes.MemoryRead;
    private const GatewayScopes Write = GatewayScopes.MemoryWrite;

    private static readonly ParameterDocs s_space = new("namespace", "query", "Which pot of the tenant's memories; default when left out.");
    private static readonly ParameterDocs s_id = new("id", "path", "The memory's id.") { Required = true, Example = "{memory}" };
    private static readonly ParameterDocs s_ifMatch = new("If-Match", "header", "The ETag of the version that is changed; * for whatever is there.") { Required = true, Example = "*" };
    private static readonly ParameterDocs s_key = new("Idempotency-Key", "header", "Makes repeating safe for 24 hours: the same key with the same body has one effect.");
    private static readonly ParameterDocs s_filter = new("filter", "query", "A filter as JSON, as in searches.");
    private static readonly ParameterDocs s_history = new("keep_history", "query", "true: the version that is replaced is kept.") { Type = "boolean" };

    public static IEnumerable<Operation> Create(IServiceProvider services)
    {
        IMemoryService memory = services.GetRequiredService<IMemoryService>();
        IdempotencyGate gate = services.GetRequiredService<IdempotencyGate>();
        MemoryEndpoint one = new(memory, gate);
        MemoriesEndpoint many = new(memory, gate);
        return [.. One(one), .. Many(many), .. Moving(new TransferEndpoint(memory)), .. Jobs(new ErasureEndpoint(memory, services.GetRequiredService<JobBoard>()))];
    }

    private static IEnumerable<Operation> One(MemoryEndpoint one)
    {
        yield return new Operation("createMemory", "POST", "/v1/memories", Write, one.CreateAsync)
        {
            Docs = new OperationDocs("Memories", "Stores a memory.")
            {
                Request = MemoryJson.Default.MemoryBody,
                RequestExample = """{"text":"Anna takes her tea without milk.","kind":"preference","tags":["anna","tea"],"importance":0.7}""",
                Response = MemoryJson.Default.ReceiptView,
                Status = 201,
                Also = [(200, "Merged into a near-duplicate.")],
                Parameters = [s_space, s_key],
                ErrorCodes = ["validation_failed", "conflict", "idempotency_mismatch", "store_unavailable"],
            },
        };
        yield return new Operation("getMemory", "GET", "/v1/memories/{id}", Read, one.GetAsync)
        {
            Docs = new OperationDocs("Memories", "Gets a memory.")
            {
                Response = MemoryJson.Default.MemoryView,
                Also = [(304, "The version is known already.")],
                Parameters = [s_id, s_space, new ParameterDocs("include", "query", "vector: with the vector."), new ParameterDocs("If-None-Match", "header", "ETags that are known already.")],
                ErrorCodes = ["not_found", "validation_failed", "invalid_request"],
            },
        };
        yield return new Operation("replaceMemory", "PUT", "/v1/memories/{id}", Write, one.ReplaceAsync)
        {
            Docs = Change("Replaces a memory; with If-None-Match: * stores it only if there is none.") with
            {
                Request = MemoryJson.Default.MemoryBody,
                RequestExample = """{"text":"Anna takes her tea with lemon.","kind":"preference"}""",
                Also = [(201, "Stored anew.")],
            },
        };
        yield return new Operation("updateMemory", "PATCH", "/v1/memories/{id}", Write, one.PatchAsync)
        {
            Docs = Change("Changes parts of a memory.") with { Request = MemoryJson.Default.MemoryPatchBody, RequestExample = """{"importance":0.9}""" },
        };
        yield return new Operation("deleteMemory", "DELETE", "/v1/memories/{id}", Write, one.DeleteAsync)
        {
            Docs = Change("Deletes a memory, its history and its links.") with { Response = null, Status = 204 },
        };
        yield return new Operation("getMemoryHistory", "GET", "/v1/memories/{id}/history", Read, one.HistoryAsync)
        {
            Docs = new OperationDocs("Memories", "Lists the earlier versions that were kept, newest first.") { Response = MemoryJson.Default.MemoryListView, Parameters = [s_id, s_space], ErrorCodes = ["not_found"] },
        };
        yield return new Operation("getRelatedMemories", "GET", "/v1/memories/{id}/related", Read, one.RelatedAsync)
        {
            Docs = new OperationDocs("Memories", "Follows the links of a memory.")
            {
                Response = MemoryJson.Default.EdgeListView,
                Parameters = [s_id, s_space, new ParameterDocs("depth", "query", "How many links away, 1 to 10.") { Type = "integer" }, new ParameterDocs("limit", "query", "How many links, 1 to 1,000.") { Type = "integer" },
                    new ParameterDocs("relation", "query", "Only this relation."), new ParameterDocs("direction", "query", "both, outgoing or incoming.")],
                ErrorCodes = ["not_found", "invalid_request"],
            },
        };
    }

    private static OperationDocs Change(string summary) => new("Memories", summary)
    {
        Response = MemoryJson.Default.ReceiptView,
        Parameters = [s_id, s_space, s_ifMatch, s_history],
        ErrorCodes = ["not_found", "validation_failed", "precondition_failed", "precondition_required", "store_unavailable"],
    };

    private static IEnumerable<Operation> Many(MemoriesEndpoint many)
    {
        yield return new Operation("listMemories", "GET", "/v1/memories", Read, many.ListAsync)
        {
            Docs = new OperationDocs("Memories", "Lists memories page by page.")
            {
                Response = MemoryJson.Default.MemoryPageView,
                Parameters = [s_space, s_filter, new ParameterDocs("cursor", "query", "next_cursor of the page before."), new ParameterDocs("limit", "query", "How many, 1 to 200; 50 when left out.") { Type = "integer" },
                    new ParameterDocs("order", "query", "oldest_first or newest_first.")],
                ErrorCodes = ["invalid_request", "invalid_cursor", "validation_failed"],
            },
        };
        yield return new Operation("searchMemories", "POST", "/v1/memories:search", Read, many.SearchAsync)
        {
            Docs = new OperationDocs("Memories", "Searches by meaning, by words, or both.")
            {
                Request = MemoryJson.Default.SearchBody,
                RequestExample = """{"text":"How does Anna take her tea?","top":5,"filter":{"kinds":["preference"]}}""",
                Response = MemoryJson.Default.MatchListView,
                Parameters = [s_space],
                ErrorCodes = ["validation_failed", "provider_failed", "no_provider_available", "timeout"],
            },
        };
        yield return new Operation("batchMemories", "POST", "/v1/memories:batch", Write, many.BatchAsync)
        {
            Docs = new OperationDocs("Memories", "Carries out up to 1,000 changes, all or none.")
            {
                Request = MemoryJson.Default.BatchBody,
                RequestExample = """{"operations":[{"upsert":{"id":"tea-1","text":"Anna likes Darjeeling."}},{"upsert":{"id":"tea-2","text":"Anna dislikes Assam."}},{"link":{"from":"tea-2","relation":"related_to","to":"tea-1"}}]}""",
                Response = MemoryJson.Default.BatchView,
                Parameters = [s_space, s_key],
                ErrorCodes = ["validation_failed", "not_found", "precondition_failed", "idempotency_mismatch", "store_unavailable"],
            },
        };
        yield return new Operation("getMemoryStats", "GET", "/v1/memories:stats", Read, many.StatsAsync)
        {
            Docs = new OperationDocs("Memories", "Says what a namespace holds.") { Response = MemoryJson.Default.StatsView, Parameters = [s_space], ErrorCodes = ["invalid_request"] },
        };
        yield return new Operation("listMemoryTags", "GET", "/v1/memories:tags", Read, many.TagsAsync)
        {
            Docs = new OperationDocs("Memories", "Lists tags, the most frequent first.")
            {
                Response = MemoryJson.Default.TagListView,
                Parameters = [s_space, new ParameterDocs("prefix", "query", "What they begin with."), new ParameterDocs("limit", "query", "How many, 1 to 200.") { Type = "integer" }],
                ErrorCodes = ["invalid_request"],
            },
        };
    }

    private static IEnumerable<Operation> Moving(TransferEndpoint transfer)
    {
        yield return new Operation("exportMemories", "POST", "/v1/memories:export", Read, transfer.ExportAsync)
        {
            Docs = new OperationDocs("Memories", "Sends every memory of a namespace as it was at one moment, one a line.")
            {
                Request = MemoryJson.Default.ExportBody,
                RequestExample = """{"filter":{"state":"any"}}""",
                ResponseType = "application/x-ndjson",
                Parameters = [s_space],
                ErrorCodes = ["validation_failed"],
            },
        };
        yield return new Operation("importMemories", "POST", "/v1/memories:import", Write, transfer.ImportAsync)
        {
            Docs = new OperationDocs("Memories", "Stores memories, one a line, in batches of a hundred; a line at fault is named, and the import can go on from it.")
            {
                RequestType = "application/x-ndjson",
                Response = MemoryJson.Default.ImportView,
                Parameters = [s_space, new ParameterDocs("from_line", "query", "The first line to store, from 1.") { Type = "integer" }],
                ErrorCodes = ["validation_failed", "store_unavailable"],
            },
        };
    }

    private static IEnumerable<Operation> Jobs(ErasureEndpoint erasure)
    {
        ParameterDocs id = new("id", "path", "The job's id.") { Required = true, Example = "{job}" };
        yield return new Operation("eraseMemories", "DELETE", "/v1/memories", Write, erasure.EraseAsync)
        {
            Docs = new OperationDocs("Memories", "Erases memories for good, as a job: no byte of them stays in the store's files.")
            {
                Response = MemoryJson.Default.JobView,
                Status = 202,
                Parameters = [s_space, s_filter, new ParameterDocs("all", "query", "true: everything in the namespace.") { Type = "boolean", Example = "true" }],
                ErrorCodes = ["invalid_request", "validation_failed"],
            },
        };
        yield return new Operation("getJob", "GET", "/v1/jobs/{id}", Write, erasure.JobAsync)
        {
            Docs = new OperationDocs("Jobs", "Shows a job.") { Response = MemoryJson.Default.JobView, Parameters = [id], ErrorCodes = ["not_found"] },
        };
        yield return new Operation("cancelJob", "DELETE", "/v1/jobs/{id}", Write, erasure.CancelAsync)
        {
            Docs = new OperationDocs("Jobs", "Cancels a job.") { Response = MemoryJson.Default.JobView, Status = 202, Parameters = [id], ErrorCodes = ["not_found"] },
        };
    }
}
