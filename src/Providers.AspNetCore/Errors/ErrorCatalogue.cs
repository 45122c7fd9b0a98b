using System.Collections.Frozen;

namespace Providers.AspNetCore.Errors;

/// <summary>Every error this door answers with. docs/problems.md shows the same table; a test compares them.</summary>
internal static class ErrorCatalogue
{
    private const string Request = "invalid_request_error";
    private const string Auth = "authentication_error";
    private const string Permission = "permission_error";
    private const string Limit = "rate_limit_error";
    private const string Server = "server_error";

    public static IReadOnlyList<ErrorType> All { get; } =
    [
        new("invalid_json", 400, "The body is not the JSON this request takes", false, Request, "Correct the body; `errors` says where it goes wrong."),
        new("invalid_request", 400, "The request is wrong", false, Request, "Correct what `errors` names."),
        new("validation_failed", 400, "The input is outside its limits", false, Request, "Correct what `errors` names; nothing was stored."),
        new("invalid_cursor", 400, "The cursor is not one of this listing", false, Request, "Start again without a cursor."),
        new("context_length_exceeded", 400, "The prompt is longer than the model's context", false, Request, "Shorten the prompt, or name a model with a larger context."),
        new("content_filter", 400, "The provider's content policy refused the request", false, Request, "Change the content."),
        new("unsupported", 400, "The model cannot do what the request needs", false, Request, "Name another model, or leave the feature out."),
        new("invalid_api_key", 401, "No valid credentials", false, Auth, "Send `Authorization: Bearer` with an API key or token that is valid."),
        new("forbidden", 403, "The credentials lack the scope", false, Permission, "Use a key with the scope that the detail names."),
        new("not_found", 404, "There is no such thing", false, Request, "Check the path and the id."),
        new("model_not_found", 404, "There is no such model or route", false, Request, "List the models with GET /v1/models."),
        new("method_not_allowed", 405, "The resource does not know this method", false, Request, "Use a method of the `Allow` header."),
        new("not_acceptable", 406, "No representation fits the Accept header", false, Request, "Accept application/json."),
        new("request_timeout", 408, "The body did not arrive in time", true, Request, "Send the request again."),
        new("conflict", 409, "The resource is not in the state the request needs", false, Request, "Read it again and repeat the change."),
        new("idempotency_in_flight", 409, "The first request with this key is still being worked on", true, Request, "Repeat after `Retry-After`."),
        new("precondition_failed", 412, "The resource is at another version", false, Request, "Read it again and repeat the change."),
        new("body_too_large", 413, "The body is larger than allowed", false, Request, "Send less in one request."),
        new("unsupported_media_type", 415, "The body's type or encoding is not understood", false, Request, "Send application/json, uncompressed, gzip, deflate or br."),
        new("idempotency_mismatch", 422, "The idempotency key was used for another request", false, Request, "Use a new key for a new request."),
        new("precondition_required", 428, "The change must name the version it changes", false, Request, "Send `If-Match` with the ETag last read."),
        new("rate_limit_exceeded", 429, "Too many requests", true, Limit, "Repeat after `Retry-After`."),
        new("token_budget_exceeded", 429, "Too many tokens", true, Limit, "Repeat after `Retry-After`, or ask for fewer tokens."),
        new("budget_exhausted", 429, "The budget is used up", true, Limit, "Repeat after `Retry-After`, when the budget's next window begins, or ask the operator for a larger one."),
        new("headers_too_large", 431, "The request headers are larger than allowed", false, Request, "Send fewer or shorter headers."),
        new("client_closed_request", 499, "The client left before the answer", false, Request, "Nothing: nobody reads this."),
        new("internal_error", 500, "Something failed here", false, Server, "Tell the operator the trace id."),
        new("provider_failed", 502, "The model servers failed", false, Server, "Tell the operator the trace id; other targets have been tried already."),
        new("stream_interrupted", 502, "The answer broke off", true, Server, "Repeat the request; what arrived is incomplete."),
        new("overloaded", 503, "Too much is going on", true, Server, "Repeat after `Retry-After`."),
        new("draining", 503, "This instance is shutting down", true, Server, "Repeat at once; another instance answers."),
        new("no_provider_available", 503, "No model server can take the request now", true, Server, "Repeat after `Retry-After`."),
        new("model_loading", 503, "The model is being loaded", true, Server, "Repeat after `Retry-After`."),
        new("store_unavailable", 503, "The memory cannot be reached", true, Server, "Repeat after `Retry-After`."),
        new("timeout", 504, "The model servers did not answer in time", true, Server, "Repeat, with a longer deadline if you set one."),
    ];

    private static readonly FrozenDictionary<string, ErrorType> s_byCode = All.ToFrozenDictionary(static t => t.Code, StringComparer.Ordinal);

    public static ErrorType? Find(string code) => s_byCode.GetValueOrDefault(code);

    public static ErrorType Get(string code) => s_byCode[code];

    /// <summary>The code for a status that something below us answered with, without a body.</summary>
    public static string CodeOf(int status) => status switch
    {
        400 => "invalid_request",
        401 => "invalid_api_key",
        403 => "forbidden",
        404 => "not_found",
        405 => "method_not_allowed",
        406 => "not_acceptable",
        408 => "request_timeout",
        413 => "body_too_large",
        415 => "unsupported_media_type",
        431 => "headers_too_large",
        503 => "overloaded",
        < 500 => "invalid_request",
        _ => "internal_error",
    };
}
