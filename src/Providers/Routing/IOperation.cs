using Providers.Attempts;

namespace Providers.Routing;

/// <summary>What is done at a target: chat, open a stream, embed, rerank. One failover serves them all.</summary>
internal interface IOperation<TResult>
{
    /// <summary>Gets a value indicating whether the operation bounds its own waits, as the opening of a stream does.</summary>
    static abstract bool TimesItself { get; }

    /// <summary>Invokes the target's client.</summary>
    Task<TResult> InvokeAsync(Call call, Attempt attempt);

    /// <summary>Says what is wrong with an answer.</summary>
    /// <returns><see langword="null"/> when nothing is.</returns>
    ValueTask<ProviderFailure?> JudgeAsync(Call call, Attempt attempt, TResult result);

    /// <summary>Gets a value indicating whether <see cref="JudgeAsync"/> has anything to say of this answer.</summary>
    bool Judges(Call call, TResult result);

    /// <summary>Takes the answer: reports the outcome, says who served, ends the call or keeps it until a stream ends.</summary>
    void Accept(Call call, Attempt attempt, TResult result);

    /// <summary>Lets an answer go that came too late: another target's is used.</summary>
    void Discard(TResult result);
}
