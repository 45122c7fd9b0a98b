namespace Providers;

/// <summary>What a model can do. A request is only sent to a model that has what the request needs.</summary>
[Flags]
public enum ModelCapabilities
{
    /// <summary>Nothing is known or declared.</summary>
    None = 0,

    /// <summary>Answers chat requests.</summary>
    Chat = 1,

    /// <summary>Streams chat answers.</summary>
    Streaming = 2,

    /// <summary>Calls tools.</summary>
    Tools = 4,

    /// <summary>Reads images.</summary>
    Vision = 8,

    /// <summary>Enforces a JSON schema on its answer.</summary>
    JsonSchema = 16,

    /// <summary>Returns its reasoning apart from its answer.</summary>
    Reasoning = 32,

    /// <summary>Generates embeddings.</summary>
    Embeddings = 64,

    /// <summary>Scores documents against a query.</summary>
    Rerank = 128,
}
