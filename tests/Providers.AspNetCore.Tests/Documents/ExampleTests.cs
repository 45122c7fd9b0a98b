using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Documents;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.Documents;

/// <summary>Every documented example is sent, and answered with the documented status and a body of the documented shape.</summary>
public sealed class ExampleTests
{
    [Fact]
    public async Task Examples_OfEveryOperation_AreAnsweredAsDocumented()
    {
        await using GatewayHost host = await FullHost.StartAsync(build: static b => b.Services.AddCompositeProvider(static c =>
        {
            foreach (string verb in (string[])["promote", "abort", "pause", "resume", "restart"])
            {
                c.AddRoute($"trial-{verb}", static r =>
                {
                    r.Targets.Add(new TargetOptions { Provider = "alpha", Model = "scripted-model" });
                    r.Targets.Add(new TargetOptions { Provider = "beta", Model = "scripted-model", Canary = new CanaryOptions() });
                });
            }
        }));
        host.Services.GetRequiredService<IProviderCatalog>().ControlCanary("trial-resume", CanaryAction.Pause);
        JsonElement document = JsonDocument.Parse(await host.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).RootElement;
        Operation[] operations = [.. host.Services.GetRequiredService<EndpointDataSource>().Endpoints.Select(static e => e.Metadata.GetMetadata<Operation>()).OfType<Operation>()];
        foreach (Operation operation in operations)
        {
            (string path, List<(string, string)> headers) = await FillAsync(host, operation);
            using HttpRequestMessage request = new(new HttpMethod(operation.Method), path);
            foreach ((string name, string value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            string? body = operation.Docs.RequestExample ?? (operation.Docs.RequestType == "application/x-ndjson" ? "" : null);
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, operation.Docs.RequestType);
            using HttpResponseMessage response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            string what = $"{operation.Id}: {operation.Method} {path}";
            ((int)response.StatusCode).Should().BeOneOf([operation.Docs.Status, .. operation.Docs.Also.Select(static a => a.Status)], what);
            if (response.StatusCode is HttpStatusCode.NoContent)
            {
                continue;
            }

            response.Content.Headers.ContentType!.MediaType.Should().Be(operation.Docs.ResponseType.Replace("application/vnd.oai.openapi+json", "application/json", StringComparison.Ordinal), what);
            if (operation.Docs is { Response: not null, ResponseType: "application/json" })
            {
                JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
                JsonElement schema = document.GetProperty("paths").GetProperty(OpenApiDocument.PathOf(operation)).GetProperty(operation.Method.ToLowerInvariant())
                    .GetProperty("responses").GetProperty(((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture)).GetProperty("content").GetProperty("application/json").GetProperty("schema");
                SchemaCheck.Check(answer, schema, document, "$").Should().BeEmpty($"{what}: {answer}");
            }
        }
    }

    /// <summary>Puts things that are there into an operation's parameters.</summary>
    private static async Task<(string Path, List<(string Name, string Value)> Headers)> FillAsync(GatewayHost host, Operation operation)
    {
        string path = OpenApiDocument.PathOf(operation);
        List<(string, string)> headers = [];
        List<string> query = [];
        foreach (ParameterDocs parameter in operation.Docs.Parameters.Where(static p => p.Example is not null))
        {
            string value = parameter.Example switch
            {
                "{memory}" => await CreateAsync(host, "/v1/memories", """{"text":"for the example"}""", static j => j.GetProperty("id").GetString()!),
                "{job}" => (await JobAsync(host)),
                "{key}" => await CreateAsync(host, "/v1/api-keys", """{"tenant":"acme","scopes":["chat"]}""", static j => j.GetProperty("details").GetProperty("id").GetString()!),
                "{canary}" => "trial-" + operation.Path.Split(':')[1],
                "{provider}" => "beta",
                "{model}" or "{route}" => "chat",
                var literal => literal!,
            };
            switch (parameter.In)
            {
                case "path":
                    path = path.Replace($"{{{parameter.Name}}}", value, StringComparison.Ordinal);
                    break;
                case "header":
                    headers.Add((parameter.Name, value));
                    break;
                default:
                    query.Add($"{parameter.Name}={value}");
                    break;
            }
        }

        return (query.Count > 0 ? $"{path}?namespace=examples&{string.Join('&', query)}" : path, headers);
    }

    private static async Task<string> CreateAsync(GatewayHost host, string path, string body, Func<JsonElement, string> read)
    {
        using HttpResponseMessage response = await host.PostAsync(path, body);
        response.StatusCode.Should().BeOneOf(HttpStatusCode.Created, HttpStatusCode.OK);
        return read(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    private static async Task<string> JobAsync(GatewayHost host)
    {
        using HttpResponseMessage response = await host.Client.DeleteAsync(new Uri("/v1/memories?namespace=jobs&all=true", UriKind.Relative));
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
    }
}
