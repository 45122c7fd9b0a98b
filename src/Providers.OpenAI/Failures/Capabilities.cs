using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Recognises that a server or model lacks what a request needs: another provider may have it.</summary>
internal static class Capabilities
{
    public static ModelCapabilities Missing(WireError error, ModelCapabilities asked)
    {
        (int status, string text) = (error.Status, error.Message ?? "");
        if (status is 401 or 403 or 429)
        {
            return ModelCapabilities.None;
        }

        if (Has(text, "does not logits computation"))
        {
            return ModelCapabilities.Chat; // llama-server with an embedding model, as a 500
        }

        bool refused = Has(text, "not support") || Has(text, "unsupported") || Has(text, "requires --") || Has(text, "is not a multimodal model") || error.Type is "not_supported_error";
        if (refused || status is 501)
        {
            return Has(text, "tool") ? ModelCapabilities.Tools
                : Has(text, "image") || Has(text, "vision") || Has(text, "multimodal") ? ModelCapabilities.Vision
                : Has(text, "response_format") || Has(text, "json_schema") || Has(text, "structured output") ? ModelCapabilities.JsonSchema
                : Has(text, "embedding") ? ModelCapabilities.Embeddings
                : Has(text, "rerank") ? ModelCapabilities.Rerank
                : Has(text, "not support chat") ? ModelCapabilities.Chat
                : status is 501 ? asked
                : ModelCapabilities.None;
        }

        // No such path: some servers only chat.
        return status is 404 or 405 && asked is not ModelCapabilities.Chat ? asked : ModelCapabilities.None;
    }

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
