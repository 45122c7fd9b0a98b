namespace Providers.Http;

/// <summary>What came of asking a stream for its next block.</summary>
internal enum BlockStep
{
    /// <summary>Nothing is at hand: read on.</summary>
    Hungry = 0,

    /// <summary>A judged block.</summary>
    Piece,

    /// <summary>An event that its taker has taken.</summary>
    Taken,

    /// <summary>The stream has ended, well or not.</summary>
    Stop,
}
