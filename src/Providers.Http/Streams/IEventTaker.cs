namespace Providers.Http;

/// <summary>Takes the events it knows straight from the buffer, before the guard judges them.</summary>
internal interface IEventTaker
{
    /// <summary>Takes an event that is certain to be a piece of an answer: neither an error, nor the end, nor anything that needs mending.</summary>
    /// <param name="data">The event's data, one line of valid UTF-8.</param>
    /// <returns>Whether it was taken; any other is judged.</returns>
    bool TryTake(ReadOnlySpan<byte> data);
}
