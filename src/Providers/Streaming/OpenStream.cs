using Microsoft.Extensions.AI;
using Providers.Attempts;

namespace Providers.Streaming;

/// <summary>A stream that has shown its first content, or ended properly without any: what was held back, and the enumerator to go on with.</summary>
internal sealed class OpenStream(Attempt attempt, IAsyncEnumerator<ChatResponseUpdate> source)
{
    public Attempt Attempt { get; } = attempt;

    public IAsyncEnumerator<ChatResponseUpdate> Source { get; } = source;

    /// <summary>Gets the updates that came before, and with, the first content.</summary>
    public List<ChatResponseUpdate> Held { get; } = [];

    /// <summary>Gets or sets how long the first content took, in timestamp units.</summary>
    public long FirstContent { get; set; }

    /// <summary>Gets or sets a value indicating whether the source has ended.</summary>
    public bool Ended { get; set; }
}
