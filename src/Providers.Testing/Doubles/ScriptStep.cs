using Microsoft.Extensions.AI;

namespace Providers.Testing.Doubles;

/// <summary>One step of a script: an update, a wait or an exception.</summary>
internal sealed record ScriptStep(ChatResponseUpdate? Update = null, TimeSpan Delay = default, bool IgnoresToken = false, Exception? Error = null)
{
    public static UsageContent Usage(int input, int output) =>
        new(new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output });

    public Task WaitAsync(TimeProvider clock, CancellationToken token) =>
        Delay == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(Delay, clock, IgnoresToken ? CancellationToken.None : token);
}
