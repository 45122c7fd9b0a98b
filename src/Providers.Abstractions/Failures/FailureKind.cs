namespace Providers;

/// <summary>Why a request failed, in terms a router and a host can act on.</summary>
public enum FailureKind
{
    /// <summary>Nothing is known; another provider may do better.</summary>
    Unknown = 0,

    /// <summary>A fault of the server that may be gone on the next try (500, 502, a runner that died).</summary>
    Transient,

    /// <summary>Too many requests; <see cref="ProviderFailure.RetryAfter"/> says when to come back.</summary>
    RateLimited,

    /// <summary>The server is full or out of memory.</summary>
    Overloaded,

    /// <summary>The model is being loaded; the server will answer later.</summary>
    ModelLoading,

    /// <summary>The server does not have the model.</summary>
    ModelMissing,

    /// <summary>The prompt is longer than the model's context window.</summary>
    ContextLengthExceeded,

    /// <summary>The provider's content policy refused the request or the answer.</summary>
    ContentFiltered,

    /// <summary>The key, permission or region was refused.</summary>
    AuthFailed,

    /// <summary>The account has no credit or quota left.</summary>
    QuotaExhausted,

    /// <summary>The request is wrong, or needs what this server lacks (<see cref="ProviderFailure.MissingCapability"/>).</summary>
    BadRequest,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>A deadline passed: connect, first content, idle or total.</summary>
    TimedOut,

    /// <summary>The connection could not be made, broke, or the stream ended without its terminal mark.</summary>
    ConnectionLost,

    /// <summary>The server answered, but the answer failed our checks (count, dimension, finiteness, the host's judge).</summary>
    InvalidResponse,

    /// <summary>The host's own budget for the route or tenant is used up; no provider was asked.</summary>
    BudgetExhausted,
}
