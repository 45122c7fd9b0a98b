using Microsoft.Extensions.AI;
using Providers.Attempts;
using Providers.Chat;
using Providers.Routing;
using Providers.Timing;

namespace Providers.Streaming;

/// <summary>Opens a stream at a target and reads it up to its first content, all inside the failover: until then nothing has reached the caller.</summary>
internal readonly struct OpenStreamOperation(IReadOnlyList<ChatMessage> messages, ChatOptions? options, Clock clock, StreamOptions rules) : IOperation<OpenStream>
{
    public static bool TimesItself => true;

    public async Task<OpenStream> InvokeAsync(Call call, Attempt attempt)
    {
        IAsyncEnumerator<ChatResponseUpdate> source = attempt.Target.Chat!
            .GetStreamingResponseAsync(messages, ChatRequests.OptionsFor(call, attempt.Target, options), attempt.Token)
            .GetAsyncEnumerator(attempt.Token);
        OpenStream stream = new(attempt, source);
        bool opened = false;
        try
        {
            await ReadToContentAsync(call, stream).ConfigureAwait(false);
            opened = true;
            return stream;
        }
        finally
        {
            if (!opened)
            {
                await StreamSource.DisposeAsync(call, attempt, source, clock).ConfigureAwait(false);
            }
        }
    }

    public bool Judges(Call call, OpenStream result) => false;

    public ValueTask<ProviderFailure?> JudgeAsync(Call call, Attempt attempt, OpenStream result) => default;

    public void Accept(Call call, Attempt attempt, OpenStream result)
    {
        // The outcome is reported when the stream has ended.
    }

    public void Discard(OpenStream result) => StreamSource.Release(result.Attempt, result.Source);

    private async ValueTask ReadToContentAsync(Call call, OpenStream stream)
    {
        Attempt attempt = stream.Attempt;
        long limit = attempt.Target.FirstContentLimit(attempt.Started);
        long due = Math.Min(call.Deadline, attempt.Started + limit);
        bool finished = false, content = false, toolCall = false;
        int contents = 0;
        while (true)
        {
            ValueTask<bool> next = stream.Source.MoveNextAsync();
            AttemptSignal signal = next.IsCompleted
                ? AttemptSignal.Completed
                : await attempt.WaitAsync(in next, finished ? Math.Min(due, clock.Now + attempt.Target.Timeouts.Trailer) : due, call.Caller).ConfigureAwait(false);
            if (signal is not AttemptSignal.Completed)
            {
                if (finished && signal is AttemptSignal.TimedOut && clock.Now < call.Deadline)
                {
                    stream.Ended = true; // complete: only the end of the connection is missing
                    return;
                }

                throw Broken(call, attempt, signal, content, limit);
            }

            if (!await next.ConfigureAwait(false))
            {
                stream.Ended = true;
                call.Caller.ThrowIfCancellationRequested(); // some clients end normally when they are cancelled
                if (!finished && rules.RequireFinishReason)
                {
                    throw StreamFailures.EndedEarly(attempt.Target, "before any content");
                }

                if (!content && rules.EmptyIsFailure)
                {
                    throw StreamFailures.Create(attempt.Target, FailureKind.InvalidResponse, "The answer ended properly but held no content, and Streams:EmptyIsFailure is on.");
                }

                return;
            }

            ChatResponseUpdate update = stream.Source.Current;
            stream.Held.Add(update);
            finished |= StreamSemantics.IsTerminal(update);
            toolCall |= StreamSemantics.HasToolCall(update);
            if (!StreamSemantics.HasContent(update))
            {
                continue;
            }

            if (!content)
            {
                content = true;
                stream.FirstContent = clock.Now - attempt.Started;
                due = rules.MinimumUpdatesPerSecond is null ? due : Math.Min(call.Deadline, clock.Now + clock.Units(rules.RateWindow));
            }

            if (toolCall)
            {
                // Nothing is released before the finish reason, so until then this stream can still be failed over.
                due = Math.Min(call.Deadline, clock.Now + attempt.Target.Timeouts.Gap);
                continue;
            }

            // With a minimum rate, the start of the stream is held back until it has shown it.
            if (rules.MinimumUpdatesPerSecond is not { } rate || ++contents > rate * rules.RateWindow.TotalSeconds)
            {
                return;
            }
        }
    }

    private ProviderException Broken(Call call, Attempt attempt, AttemptSignal signal, bool content, long limit)
    {
        if (signal is not AttemptSignal.TimedOut)
        {
            return StreamFailures.Create(attempt.Target, FailureKind.Cancelled, "The attempt was cancelled.");
        }

        string message = clock.Now >= call.Deadline ? "The request's total deadline passed before the first content."
            : content ? $"The stream started slower than {rules.MinimumUpdatesPerSecond} updates a second, measured over {rules.RateWindow.TotalSeconds:0.###} s."
            : $"No content within {clock.Span(limit).TotalSeconds:0.###} s.";
        return StreamFailures.Create(attempt.Target, FailureKind.TimedOut, message);
    }
}
