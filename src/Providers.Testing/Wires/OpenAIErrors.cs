using System.Text.Json.Nodes;

namespace Providers.Testing.Wires;

/// <summary>Error bodies of the servers that speak the OpenAI wire.</summary>
internal static class OpenAIErrors
{
    public static JsonObject Body(OpenAIServerKind kind, ErrorReply error) => kind switch
    {
        OpenAIServerKind.KoboldCpp => new() { ["detail"] = new JsonObject { ["msg"] = error.Message, ["type"] = Type(error) } },
        OpenAIServerKind.LlamaServer => new() { ["error"] = Llama(error) },
        OpenAIServerKind.Vllm => new() { ["error"] = new JsonObject { ["message"] = error.Message, ["type"] = Type(error), ["param"] = null, ["code"] = error.Status } },
        _ => new() { ["error"] = new JsonObject { ["message"] = error.Message, ["type"] = Type(error), ["param"] = null, ["code"] = error.Code } },
    };

    private static JsonObject Llama(ErrorReply error)
    {
        bool context = error.Code is "context_length_exceeded";
        JsonObject body = new()
        {
            ["code"] = error.Status,
            ["message"] = error.Message,
            ["type"] = context ? "exceed_context_size_error" : error.Status == 503 ? "unavailable_error" : Type(error),
        };
        if (context)
        {
            body["n_prompt_tokens"] = 9_120;
            body["n_ctx"] = 8_192;
        }

        return body;
    }

    private static string Type(ErrorReply error) => error.Status switch
    {
        401 => "authentication_error",
        404 => "not_found_error",
        429 when error.Code is "insufficient_quota" => "insufficient_quota",
        429 => "requests",
        503 => "service_unavailable",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}
