using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.Documents;

/// <summary>docs/openapi.json is what the host says of itself; a change of the API shows in it. OPENAPI_WRITE=1 rewrites it.</summary>
public sealed class OpenApiTests
{
    private static readonly string s_file = Path.Combine(Node.Root, "docs", "openapi.json");

    [Fact]
    public async Task Document_CheckedIn_IsWhatTheHostSays()
    {
        await using GatewayHost host = await FullHost.StartAsync();
        string actual = await host.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative));
        if (Environment.GetEnvironmentVariable("OPENAPI_WRITE") == "1")
        {
            await File.WriteAllTextAsync(s_file, actual + "\n");
        }

        JsonNode checkedIn = JsonNode.Parse(await File.ReadAllTextAsync(s_file))!;
        JsonNode.DeepEquals(checkedIn, JsonNode.Parse(actual)).Should().BeTrue("docs/openapi.json is checked in; when the API changed on purpose, write it anew with OPENAPI_WRITE=1");
    }

    [Fact]
    public async Task Document_HasEveryRouteOfTheHost()
    {
        await using GatewayHost host = await FullHost.StartAsync();
        JsonElement paths = JsonDocument.Parse(await host.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).RootElement.GetProperty("paths");
        string[] documented = [.. paths.EnumerateObject().SelectMany(static p => p.Value.EnumerateObject().Select(m => $"{m.Name.ToUpperInvariant()} {p.Name}"))];
        string[] mapped = [.. host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(static e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText!.Replace("{**", "{", StringComparison.Ordinal)}"))];
        documented.Should().BeEquivalentTo(mapped);
        documented.Should().HaveCountGreaterThan(20);
    }

    [Fact]
    public async Task Operations_HaveIdsSecurityAndErrors()
    {
        await using GatewayHost host = await FullHost.StartAsync();
        JsonElement root = JsonDocument.Parse(await host.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).RootElement;
        root.GetProperty("openapi").GetString().Should().Be("3.1.1");
        HashSet<string> ids = [];
        foreach (JsonElement operation in root.GetProperty("paths").EnumerateObject().SelectMany(static p => p.Value.EnumerateObject().Select(static m => m.Value)))
        {
            string id = operation.GetProperty("operationId").GetString()!;
            ids.Add(id).Should().BeTrue(id);
            operation.TryGetProperty("security", out _).Should().BeTrue(id);
            JsonElement responses = operation.GetProperty("responses");
            responses.TryGetProperty("500", out _).Should().BeTrue(id);
            (operation.GetProperty("security").GetArrayLength() == 0 || responses.TryGetProperty("401", out _)).Should().BeTrue(id);
            if (operation.TryGetProperty("requestBody", out JsonElement body) && body.GetProperty("content").TryGetProperty("application/json", out JsonElement media))
            {
                media.TryGetProperty("example", out _).Should().BeTrue(id + " shows a body");
            }
        }

        foreach (JsonElement reference in References(root))
        {
            root.GetProperty("components").GetProperty("schemas").TryGetProperty(reference.GetString()!["#/components/schemas/".Length..], out _).Should().BeTrue(reference.GetString());
        }
    }

    private static IEnumerable<JsonElement> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(static p => p.Name == "$ref" && p.Value.ValueKind is JsonValueKind.String && p.Value.GetString()!.StartsWith("#/components", StringComparison.Ordinal) ? [p.Value] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
