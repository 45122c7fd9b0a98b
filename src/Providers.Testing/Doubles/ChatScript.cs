using Microsoft.Extensions.AI;
using Providers.Testing.Doubles;

namespace Providers.Testing;

/// <summary>What one call of a <see cref="ScriptedChatClient"/> does, step by step. Immutable: every method returns a longer script.</summary>
public sealed class ChatScript
{
    private ChatScript(IEnumerable<ScriptStep> steps) => Steps = steps;

    /// <summary>Gets the script that does nothing: a stream without updates.</summary>
    public static ChatScript Empty { get; } = new([]);

    /// <summary>Gets the canonical answer: role, 60 tokens, finish reason, usage.</summary>
    public static ChatScript Canonical { get; } = Empty.Role().Text(CanonicalAnswer.Tokens).Finish().Usage(CanonicalAnswer.InputTokens, CanonicalAnswer.Length);

    internal IEnumerable<ScriptStep> Steps { get; }

    internal Exception? OnCall { get; private init; }

    internal Exception? OnEnumerate { get; private init; }

    internal (int Update, Exception Error)? OnCurrent { get; private init; }

    internal Exception? OnDispose { get; private init; }

    /// <summary>Yields an update.</summary>
    /// <param name="update">The update.</param>
    public ChatScript Update(ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return Add(new ScriptStep(update));
    }

    /// <summary>Yields an update that has a role and no content, as many servers begin.</summary>
    public ChatScript Role() => Update(new ChatResponseUpdate { Role = ChatRole.Assistant });

    /// <summary>Yields one update for each token.</summary>
    /// <param name="tokens">The tokens.</param>
    public ChatScript Text(params IEnumerable<string> tokens) => With(Steps.Concat([.. tokens.Select(static t => new ScriptStep(new ChatResponseUpdate(ChatRole.Assistant, t)))]));

    /// <summary>Yields a tool call.</summary>
    /// <param name="name">The tool.</param>
    /// <param name="arguments">Its arguments.</param>
    public ChatScript ToolCall(string name, IDictionary<string, object?> arguments) =>
        Update(new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("call_00000001", name, arguments)]));

    /// <summary>Yields the finish reason: the terminal mark.</summary>
    /// <param name="reason">The reason; <see langword="null"/> for <see cref="ChatFinishReason.Stop"/>.</param>
    public ChatScript Finish(ChatFinishReason? reason = null) => Update(new ChatResponseUpdate { FinishReason = reason ?? ChatFinishReason.Stop });

    /// <summary>Yields usage.</summary>
    /// <param name="input">Input tokens.</param>
    /// <param name="output">Output tokens.</param>
    public ChatScript Usage(int input, int output) => Update(new ChatResponseUpdate { Contents = [ScriptStep.Usage(input, output)] });

    /// <summary>Waits on the client's clock.</summary>
    /// <param name="delay">How long.</param>
    public ChatScript Wait(TimeSpan delay) => Add(new ScriptStep(Delay: delay));

    /// <summary>Never goes on.</summary>
    /// <param name="cooperative">Whether cancellation ends the wait; else nothing does, as with an SDK that ignores its token.</param>
    public ChatScript Hang(bool cooperative = true) => Add(new ScriptStep(Delay: Timeout.InfiniteTimeSpan, IgnoresToken: !cooperative));

    /// <summary>Throws in the place it stands, out of <c>MoveNextAsync</c> or the response's task.</summary>
    /// <param name="error">What to throw.</param>
    public ChatScript Throw(Exception error) => Add(new ScriptStep(Error: error));

    /// <summary>Throws out of the call itself, before there is a task or a stream.</summary>
    /// <param name="error">What to throw.</param>
    public ChatScript ThrowOnCall(Exception error) => new(Steps) { OnCall = error, OnEnumerate = OnEnumerate, OnCurrent = OnCurrent, OnDispose = OnDispose };

    /// <summary>Throws out of <c>GetAsyncEnumerator</c>.</summary>
    /// <param name="error">What to throw.</param>
    public ChatScript ThrowOnEnumerate(Exception error) => new(Steps) { OnCall = OnCall, OnEnumerate = error, OnCurrent = OnCurrent, OnDispose = OnDispose };

    /// <summary>Throws out of <c>Current</c>.</summary>
    /// <param name="update">At which update, from 0.</param>
    /// <param name="error">What to throw.</param>
    public ChatScript ThrowOnCurrent(int update, Exception error) => new(Steps) { OnCall = OnCall, OnEnumerate = OnEnumerate, OnCurrent = (update, error), OnDispose = OnDispose };

    /// <summary>Throws out of the enumerator's <c>DisposeAsync</c>.</summary>
    /// <param name="error">What to throw.</param>
    public ChatScript ThrowOnDispose(Exception error) => new(Steps) { OnCall = OnCall, OnEnumerate = OnEnumerate, OnCurrent = OnCurrent, OnDispose = error };

    internal static ChatScript Of(IEnumerable<ScriptStep> steps) => new(steps);

    private ChatScript Add(ScriptStep step) => With(Steps.Append(step).ToArray());

    private ChatScript With(IEnumerable<ScriptStep> steps) => new(steps) { OnCall = OnCall, OnEnumerate = OnEnumerate, OnCurrent = OnCurrent, OnDispose = OnDispose };
}
