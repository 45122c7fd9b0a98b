using Microsoft.Extensions.AI;
using Providers.Testing.Faults;

namespace Providers.Testing.Doubles;

/// <summary>An answer in process, going wrong where the fault says, as an adapter would report it.</summary>
internal static class FaultedScript
{
    public static ChatScript Of(InProcessTarget target, LoggedRequest request, IReadOnlyList<string> tokens, string? model, int inputTokens) =>
        ChatScript.Of(Steps(target, request, tokens, model, inputTokens));

    private static IEnumerable<ScriptStep> Steps(InProcessTarget target, LoggedRequest request, IReadOnlyList<string> tokens, string? model, int inputTokens)
    {
        Fault fault = request.Fault;
        switch (fault.Kind)
        {
            case FaultKind.DelayHeaders:
                yield return new ScriptStep(Delay: fault.Delay);
                break;
            case FaultKind.Refuse or FaultKind.Reset or FaultKind.Drop or FaultKind.Status or FaultKind.Html or FaultKind.Empty or FaultKind.WrongJson
                or FaultKind.HugeBody or FaultKind.EndlessLine or FaultKind.CutBytes:
                yield return new ScriptStep(Error: target.Error(fault, model));
                break;
        }

        yield return new ScriptStep(new ChatResponseUpdate { Role = ChatRole.Assistant, ModelId = model });
        if (fault.Kind is FaultKind.DelayFirstToken)
        {
            yield return new ScriptStep(Delay: fault.Delay);
        }

        while (fault.Kind is FaultKind.KeepAlive)
        {
            yield return new ScriptStep(Delay: fault.Delay);
            yield return new ScriptStep(new ChatResponseUpdate { Role = ChatRole.Assistant, ModelId = model });
        }

        if (fault.Kind is FaultKind.CutToolCall)
        {
            // So M.E.AI's OpenAI client yields a call whose arguments were cut: no arguments, and the parser's complaint.
            yield return new ScriptStep(new ChatResponseUpdate(ChatRole.Assistant,
                [new FunctionCallContent("call_00000001", "get_weather") { Exception = new FormatException("Unexpected end of JSON.") }]));
            yield break;
        }

        for (int i = 0; i <= tokens.Count; i++)
        {
            if (i == fault.Count && Ending(target, fault, model) is { } ending)
            {
                foreach (ScriptStep step in ending)
                {
                    yield return step;
                }

                yield break;
            }

            if (i == tokens.Count)
            {
                break;
            }

            if (fault.Kind is FaultKind.TokenInterval)
            {
                yield return new ScriptStep(Delay: fault.Delay);
            }

            request.Tokens = i + 1;
            yield return new ScriptStep(new ChatResponseUpdate(ChatRole.Assistant, tokens[i]) { ModelId = model });
        }

        bool together = fault.Kind is FaultKind.UsageWithChoices;
        yield return new ScriptStep(new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop, ModelId = model, Contents = together ? [ScriptStep.Usage(inputTokens, tokens.Count)] : [] });
        if (!together)
        {
            yield return new ScriptStep(new ChatResponseUpdate { ModelId = model, Contents = [ScriptStep.Usage(inputTokens, tokens.Count)] });
        }

        request.Completed = true;
        if (fault.Kind is FaultKind.OpenAfterFinish)
        {
            yield return new ScriptStep(Delay: Timeout.InfiniteTimeSpan);
        }
    }

    private static IEnumerable<ScriptStep>? Ending(InProcessTarget target, Fault fault, string? model) => fault.Kind switch
    {
        FaultKind.Stall => [new ScriptStep(Delay: Timeout.InfiniteTimeSpan)],
        FaultKind.Cut or FaultKind.Malformed or FaultKind.Error or FaultKind.BrokenUtf8 => [new ScriptStep(Error: target.Error(fault, model))],
        FaultKind.End => [],
        _ => null,
    };
}
