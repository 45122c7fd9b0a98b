namespace Providers.OpenAI;

/// <summary>Which server speaks the protocol: each lacks or adds something.</summary>
public enum OpenAIServerProfile
{
    /// <summary>OpenAI itself. Needs a key; rejects <c>max_tokens</c> beside <c>max_completion_tokens</c>.</summary>
    OpenAI = 0,

    /// <summary>Azure OpenAI. The key goes into the header <c>api-key</c>; the list of models is not the list of deployments.</summary>
    Azure,

    /// <summary>vLLM. Needs the exact model id; tools and schemas depend on how it was started.</summary>
    Vllm,

    /// <summary>llama.cpp's <c>llama-server</c>. Serves one model under any name; <c>/health</c> tells whether it is loaded.</summary>
    LlamaServer,

    /// <summary>LM Studio. Loads a model when it is first asked for, which takes seconds to minutes.</summary>
    LmStudio,

    /// <summary>Any other server: only what all of them understand is sent.</summary>
    Generic,
}
