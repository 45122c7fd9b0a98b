using Providers.Tools;

namespace Providers.Memory.Tools;

/// <summary>What a caller is told of the memory's failures.</summary>
internal static class MemoryToolErrors
{
    public static ToolException? Explain(Exception exception) => exception switch
    {
        MemoryValidationException wrong => new ToolException(ToolErrorCode.InvalidInput, wrong.Message, wrong),
        MemoryConflictException { Current: null } missing => new ToolException(ToolErrorCode.NotFound, missing.Message, missing),
        MemoryConflictException conflict => new ToolException(ToolErrorCode.Conflict, conflict.Message, conflict),
        MemoryQuotaException quota => new ToolException(ToolErrorCode.RateLimited, quota.Message, quota) { RetryAfter = quota.RetryAfter },
        _ => null,
    };

    public static ToolException NotFound(string id, string @namespace) =>
        new(ToolErrorCode.NotFound, $"id: there is no memory '{id}' in namespace '{@namespace}'; memory_list and memory_search give the ids there are.");
}
