using System.Text.Json.Nodes;
using Providers.AspNetCore.Auth;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;

namespace Providers.AspNetCore.Documents;

/// <summary>The OpenAPI 3.1 document of the operations that are mapped, always in the same order.</summary>
internal static class OpenApiDocument
{
    /// <param name="operations">What is mapped.</param>
    /// <param name="root">The path they lie below; empty where they lie at the top.</param>
    public static JsonObject Create(IEnumerable<Operation> operations, string root = "")
    {
        SchemaBook schemas = new();
        JsonObject paths = [];
        foreach (IGrouping<string, Operation> path in operations.GroupBy(static o => PathOf(o)).OrderBy(static g => g.Key, StringComparer.Ordinal))
        {
            JsonObject item = [];
            foreach (Operation operation in path.OrderBy(static o => o.Method, StringComparer.Ordinal))
            {
                item[operation.Method.ToLowerInvariant()] = Write(operation, schemas);
            }

            paths[path.Key] = item;
        }

        JsonObject document = new()
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "Providers",
                ["version"] = "1",
                ["description"] = "An OpenAI-compatible gateway over failing model servers, a memory, and what an operator needs of both.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject { ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key (ms_live_...) or a JWT access token." } },
                ["schemas"] = schemas.Write(),
            },
        };
        if (root.Length > 0)
        {
            document["servers"] = new JsonArray(new JsonObject { ["url"] = root });
        }

        return document;
    }

    public static string PathOf(Operation operation) => operation.Path.Replace("{**", "{", StringComparison.Ordinal);

    private static JsonObject Write(Operation operation, SchemaBook schemas)
    {
        OperationDocs docs = operation.Docs;
        JsonObject result = new()
        {
            ["operationId"] = operation.Id,
            ["tags"] = new JsonArray(docs.Tag),
            ["summary"] = docs.Summary,
        };
        if (operation.Scope is GatewayScopes.None)
        {
            result["security"] = new JsonArray();
        }
        else
        {
            result["description"] = $"Needs the scope {string.Join(" or ", ScopeNames.Of(operation.Scope | operation.OrScope).Select(static s => $"`{s}`"))}.";
            result["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() });
        }

        if (docs.Parameters.Count > 0)
        {
            result["parameters"] = new JsonArray([.. docs.Parameters.Select(static p => Parameter(p))]);
        }

        if (docs.Request is { } request)
        {
            JsonObject media = new() { ["schema"] = schemas.Reference(request) };
            if (docs.RequestExample is { } example)
            {
                media["example"] = JsonNode.Parse(example);
            }

            result["requestBody"] = new JsonObject { ["required"] = true, ["content"] = new JsonObject { [docs.RequestType] = media } };
        }
        else if (docs.RequestType != "application/json")
        {
            result["requestBody"] = new JsonObject { ["required"] = true, ["content"] = new JsonObject { [docs.RequestType] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } } } };
        }

        result["responses"] = Responses(operation, schemas);
        return result;
    }

    private static JsonObject Parameter(ParameterDocs parameter)
    {
        JsonObject schema = new() { ["type"] = parameter.Type };
        JsonObject result = new() { ["name"] = parameter.Name, ["in"] = parameter.In, ["required"] = parameter.Required || parameter.In == "path", ["description"] = parameter.Meaning, ["schema"] = schema };
        return result;
    }

    private static JsonObject Responses(Operation operation, SchemaBook schemas)
    {
        OperationDocs docs = operation.Docs;
        SortedDictionary<int, JsonObject> responses = new() { [docs.Status] = Success(docs, schemas) };
        foreach ((int status, string meaning) in docs.Also)
        {
            JsonObject also = new() { ["description"] = meaning };
            if (docs.Response is { } body && status is not 304)
            {
                also["content"] = new JsonObject { [docs.ResponseType] = new JsonObject { ["schema"] = schemas.Reference(body) } };
            }

            responses[status] = also;
        }

        (string media, string name) = operation.Errors is ErrorStyle.OpenAI ? ("application/json", "OpenAIError") : ("application/problem+json", "Problem");
        foreach (IGrouping<int, ErrorType> status in Errors(operation).GroupBy(static t => t.Status))
        {
            if (!responses.ContainsKey(status.Key))
            {
                responses[status.Key] = new JsonObject
                {
                    ["description"] = string.Join(" ", status.Select(static t => $"`{t.Code}`: {t.Title}.")),
                    ["content"] = new JsonObject { [media] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{name}" } } },
                };
            }
        }

        JsonObject result = [];
        foreach ((int status, JsonObject response) in responses)
        {
            result[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] = response;
        }

        return result;
    }

    private static JsonObject Success(OperationDocs docs, SchemaBook schemas)
    {
        JsonObject response = new() { ["description"] = docs.Status switch { 201 => "Created.", 202 => "Accepted.", 204 => "Done.", _ => "As asked." } };
        if (docs.Response is { } type)
        {
            JsonObject content = new() { [docs.ResponseType] = new JsonObject { ["schema"] = schemas.Reference(type) } };
            if (docs.Streams)
            {
                content["text/event-stream"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } };
            }

            response["content"] = content;
        }
        else if (docs.ResponseType != "application/json")
        {
            response["content"] = new JsonObject { [docs.ResponseType] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } } };
        }

        return response;
    }

    /// <summary>The errors of an operation: those of every one of its kind, and its own.</summary>
    public static IEnumerable<ErrorType> Errors(Operation operation)
    {
        IEnumerable<string> codes = operation.Docs.ErrorCodes.Append("internal_error");
        if (operation.Scope is not GatewayScopes.None)
        {
            codes = codes.Concat(["invalid_api_key", "forbidden"]);
        }

        if (operation.Limited)
        {
            codes = codes.Concat(["rate_limit_exceeded", "overloaded"]);
        }

        if (operation.Docs.Request is not null || operation.Docs.RequestType != "application/json")
        {
            codes = codes.Concat(["invalid_json", "invalid_request", "body_too_large", "unsupported_media_type"]);
        }

        return codes.Distinct(StringComparer.Ordinal).Select(ErrorCatalogue.Get).OrderBy(static t => t.Status).ThenBy(static t => t.Code, StringComparer.Ordinal);
    }
}
