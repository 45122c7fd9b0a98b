using Microsoft.Extensions.AI;
using Providers.Attempts;
using Providers.Routing;

namespace Providers.Chat;

/// <summary>Asks a target for a whole answer.</summary>
internal readonly struct ChatOperation(Router router, IReadOnlyList<ChatMessage> messages, ChatOptions? options) : IOperation<ChatResponse>
{
    public static bool TimesItself => false;

    public Task<ChatResponse> InvokeAsync(Call call, Attempt attempt) =>
        attempt.Target.Chat!.GetResponseAsync(messages, ChatRequests.OptionsFor(call, attempt.Target, options), attempt.Token);

    public bool Judges(Call call, ChatResponse result) => call.Route.Accept is not null || WasCut(call, result);

    public async ValueTask<ProviderFailure?> JudgeAsync(Call call, Attempt attempt, ChatResponse result) =>
        WasCut(call, result) ? new ProviderFailure(FailureKind.ConnectionLost, "The answer has no finish reason: it was cut, whatever the client reports.")
        : call.Route.Accept is null || await call.Route.Accept!(result, call.Caller).ConfigureAwait(false)
            ? null
        : new ProviderFailure(FailureKind.InvalidResponse, $"The judge of route '{call.Route.Name}' refused the answer.");

    public void Accept(Call call, Attempt attempt, ChatResponse result)
    {
        result.AdditionalProperties = Annotation.Write(result.AdditionalProperties, new Served(call, attempt.Target));
        router.Succeed(call, attempt, router.Clock.Now - attempt.Started, result.Usage);
        router.End(call);
    }

    public void Discard(ChatResponse result)
    {
        // Nothing is held by a finished answer.
    }

    private static bool WasCut(Call call, ChatResponse result) => result.FinishReason is null && call.Plan.Options.Streams.RequireFinishReason;
}
