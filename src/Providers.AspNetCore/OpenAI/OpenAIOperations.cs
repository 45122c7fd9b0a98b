using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Documents;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;

namespace Providers.AspNetCore.OpenAI;

/// <summary>The OpenAI-compatible endpoints; those whose client the host lacks are left out.</summary>
internal static class OpenAIOperations
{
    private static readonly string[] s_upstream = ["context_length_exceeded", "content_filter", "unsupported", "model_not_found", "provider_failed", "no_provider_available", "model_loading", "timeout", "token_budget_exceeded"];

    public static IEnumerable<Operation> Create(IServiceProvider services)
    {
        IChatClient? chat = services.GetService<IChatClient>();
        if (chat is not null)
        {
            yield return new Operation("createChatCompletion", "POST", "/v1/chat/completions", GatewayScopes.Chat, new ChatEndpoint(chat).HandleAsync)
            {
                Errors = ErrorStyle.OpenAI,
                Docs = new OperationDocs("Chat", "Answers a chat, whole or as a stream.")
                {
                    Request = OpenAIJson.Default.ChatCompletionRequest,
                    RequestExample = """{"messages":[{"role":"user","content":"Name three rivers in Norway."}],"max_completion_tokens":100}""",
                    Response = OpenAIJson.Default.ChatCompletionResponse,
                    Streams = true,
                    ErrorCodes = s_upstream,
                    Parameters = [new ParameterDocs("X-Request-Deadline-Ms", "header", "How long the caller waits, in milliseconds.") { Type = "integer" }],
                },
            };
        }

        if (services.GetService<IEmbeddingGenerator<string, Embedding<float>>>() is { } generator)
        {
            yield return new Operation("createEmbedding", "POST", "/v1/embeddings", GatewayScopes.Embeddings, new EmbeddingsEndpoint(generator).HandleAsync)
            {
                Errors = ErrorStyle.OpenAI,
                Docs = new OperationDocs("Embeddings", "Embeds texts.")
                {
                    Request = OpenAIJson.Default.EmbeddingRequest,
                    RequestExample = """{"model":"embedding","input":["Glomma","Tana"]}""",
                    Response = OpenAIJson.Default.EmbeddingResponse,
                    ErrorCodes = s_upstream,
                    Parameters = [new ParameterDocs("X-Request-Deadline-Ms", "header", "How long the caller waits, in milliseconds.") { Type = "integer" }],
                },
            };
        }

        ModelsEndpoint models = new(services.GetService<IProviderCatalog>(), chat);
        yield return new Operation("listModels", "GET", "/v1/models", GatewayScopes.Chat, models.ListAsync)
        {
            Errors = ErrorStyle.OpenAI,
            OrScope = GatewayScopes.Embeddings,
            Docs = new OperationDocs("Models", "Lists what may be named as model.") { Response = OpenAIJson.Default.ModelList },
        };
        yield return new Operation("getModel", "GET", "/v1/models/{**id}", GatewayScopes.Chat, models.GetAsync)
        {
            Errors = ErrorStyle.OpenAI,
            OrScope = GatewayScopes.Embeddings,
            Docs = new OperationDocs("Models", "Says whether something may be named as model.")
            {
                Response = OpenAIJson.Default.WireModel,
                ErrorCodes = ["model_not_found"],
                Parameters = [new ParameterDocs("id", "path", "A route, a model, or provider/model.") { Required = true, Example = "{model}" }],
            },
        };
    }
}
