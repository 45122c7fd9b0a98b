using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Documents;

/// <summary>GET /openapi/v1.json: the document of what this host has mapped.</summary>
internal sealed class OpenApiEndpoint(IEndpointRouteBuilder endpoints)
{
    private Written? _written;

    public static IEnumerable<Operation> Create(IEndpointRouteBuilder endpoints)
    {
        OpenApiEndpoint endpoint = new(endpoints);
        yield return new Operation("getOpenApi", "GET", "/openapi/v1.json", GatewayScopes.None, endpoint.GetAsync)
        {
            Limited = false,
            Docs = new OperationDocs("Problems", "Describes this API.") { ResponseType = "application/vnd.oai.openapi+json" },
        };
    }

    /// <summary>Gathers what is mapped; everything is by the time of the first request.</summary>
    public static IReadOnlyList<Operation> Mapped(IEndpointRouteBuilder endpoints) =>
        [.. endpoints.DataSources.SelectMany(static s => s.Endpoints).Select(static e => e.Metadata.GetMetadata<Operation>()).OfType<Operation>()];

    private async Task GetAsync(Exchange exchange)
    {
        string root = exchange.At("");
        if (_written is not { } written || written.Root != root)
        {
            _written = written = new Written(root, Write(root));
        }

        byte[] document = written.Document;
        exchange.Response.ContentType = "application/json";
        exchange.Response.ContentLength = document.Length;
        await exchange.Response.Body.WriteAsync(document, exchange.Aborted).ConfigureAwait(false);
    }

    private byte[] Write(string root)
    {
        JsonObject document = OpenApiDocument.Create(Mapped(endpoints), root);
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Indented = true, Encoder = JsonText.WriterOptions.Encoder }))
        {
            document.WriteTo(writer);
        }

        return bytes.ToArray();
    }

    /// <summary>The document as last asked for.</summary>
    /// <param name="Root">What the paths lie below.</param>
    private sealed record Written(string Root, byte[] Document);
}
