using System.Text.Json.Nodes;

namespace Providers.Testing.Wires;

/// <summary>Error bodies of the servers that speak the OpenAI wire.</summary>
internal static class OpenAIErrors
{
    public static JsonObject Body(OpenAIServerKind kind, ErrorReply error) => kind switch
    {
        OpenAIServerKind.KoboldCpp => new() { ["detail"] = new JsonObject { ["msg"] = error.Message, ["type"] = error.Status == 503 ? "service_unavailable" : TypeOfLlama(error) } },
        OpenAIServerKind.LlamaServer => new() { ["error"] = Llama(error) },
        OpenAIServerKind.Vllm => new() { ["error"] = new JsonObject { ["message"] = error.Message, ["type"] = TypeOfVllm(error), ["param"] = null, ["code"] = error.Status } },
        _ => new() { ["error"] = new JsonObject { ["message"] = error.Message, ["type"] = Type(error), ["param"] = null, ["code"] = Code(error) } },
    };

    private static JsonObject Llama(ErrorReply error)
    {
        bool context = error.Code is "context_length_exceeded";
        JsonObject body = new()
        {
            ["code"] = error.Status,
            ["message"] = error.Message,
            ["type"] = context ? "exceed_context_size_error" : TypeOfLlama(error),
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
        429 when error.Code is "insufficient_quota" => "insufficient_quota",
        429 => "requests",
        503 => "service_unavailable_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    private static string? Code(ErrorReply error) => error.Code ?? error.Status switch
    {
        401 => "invalid_api_key",
        429 => "rate_limit_exceeded",
        503 => "server_is_overloaded",
        _ => null,
    };

    private static string TypeOfVllm(ErrorReply error) => error.Status switch
    {
        404 => "NotFoundError",
        >= 500 => "InternalServerError",
        _ => "BadRequestError",
    };

    private static string TypeOfLlama(ErrorReply error) => error.Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        503 => "unavailable_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}
