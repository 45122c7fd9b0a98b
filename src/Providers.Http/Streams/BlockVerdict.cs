namespace Providers.Http;

/// <summary>What a piece of a stream means, in the order of weight.</summary>
internal enum BlockVerdict
{
    /// <summary>More is to come.</summary>
    Pass = 0,

    /// <summary>The finish reason was seen: complete, usage and <c>[DONE]</c> may follow.</summary>
    Finished,

    /// <summary>The last piece.</summary>
    End,

    /// <summary>The server says that it gave up.</summary>
    Aborted,

    /// <summary>The server reports an error.</summary>
    Error,
}
