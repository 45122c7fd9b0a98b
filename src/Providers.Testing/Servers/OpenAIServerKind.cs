namespace Providers.Testing;

/// <summary>Whose OpenAI wire a server speaks.</summary>
public enum OpenAIServerKind
{
    /// <summary>OpenAI's own.</summary>
    OpenAI = 0,

    /// <summary>llama.cpp's: any model name is served, numeric error codes, <c>/health</c>, timings.</summary>
    LlamaServer,

    /// <summary>KoboldCpp's: HTTP/1.0, the finish reason "null", no usage in streams, no embeddings, <c>detail</c> errors.</summary>
    KoboldCpp,

    /// <summary>vLLM's: numeric error codes, <c>reasoning_content</c>.</summary>
    Vllm,

    /// <summary>LM Studio's: any model name is served, <c>reasoning_content</c>.</summary>
    LMStudio,
}
