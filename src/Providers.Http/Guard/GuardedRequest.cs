namespace Providers.Http;

/// <summary>A request of an adapter that sends by itself: what the guard must know of its call travels with it, and so does what the guard has read.</summary>
internal sealed class GuardedRequest(HttpMethod method, Uri address) : HttpRequestMessage(method, address)
{
    /// <summary>Gets the caller's token and the call's own timers.</summary>
    public required CallScope.Call Call { get; init; }

    /// <summary>Gets what replaces <see cref="GuardOptions.MaxBody"/>, in bytes; <see langword="null"/>: nothing does.</summary>
    public int? MaxBody { get; init; }

    /// <summary>Gets a value indicating whether a stream of events is read from <see cref="Events"/>.</summary>
    public bool ReadsEvents { get; init; }

    /// <summary>Gets or sets the whole answer, judged; the response's content is used up.</summary>
    public ReadOnlyMemory<byte> Answer { get; set; }

    /// <summary>Gets or sets the streamed answer; <see langword="null"/>: it is no stream of events. Whoever sent the request disposes it.</summary>
    public EventReader? Events { get; set; }
}
