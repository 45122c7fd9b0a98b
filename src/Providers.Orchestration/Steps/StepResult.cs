using System.Text;
using System.Text.Json;
using Providers.Memory;

namespace Providers.Orchestration;

/// <summary>What became of one try.</summary>
internal sealed record StepResult(JsonElement? Output, string? Error, bool Retry, TimeSpan? After)
{
    private const int ErrorLength = 500;

    public static StepResult Done(JsonElement? output, int limit)
    {
        int bytes = output is { } value ? Encoding.UTF8.GetByteCount(WorkflowJson.Text(value)) : 0;
        return bytes <= limit ? new StepResult(output, null, false, null) : Failed($"The output has {bytes} bytes of JSON; {limit} are kept.", false);
    }

    public static StepResult Failed(string error, bool retry, TimeSpan? after = null) => new(null, error.Length > ErrorLength ? error[..ErrorLength] : error, retry, after);

    /// <summary>A failure is tried again unless it speaks of a fault in the input.</summary>
    public static StepResult Of(Exception error) => error switch
    {
        WorkflowStepException own => Failed(own.Message, own.Retry),
        ProviderException provider => Failed(provider.Message, provider.IsTransient, provider.Failure.RetryAfter),
        NoProvidersAvailableException none => Failed(none.Message, true, none.RetryAfter),
        MemoryConflictException or ArgumentException or NotSupportedException => Failed(error.Message, false),
        _ => Failed($"{error.GetType().Name}: {error.Message}", true),
    };
}
