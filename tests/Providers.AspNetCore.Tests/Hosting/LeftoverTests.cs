using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.Hosting;

/// <summary>What routing refuses, the options, and the published catalogue of problems.</summary>
public sealed class LeftoverTests
{
    [Fact]
    public async Task UnknownRoutesAndMethods_AreProblemsOrOpenAIErrorsByTheirPath()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(["alpha"], map: static app =>
        {
            app.MapProviders();
            app.MapGet("/own", static () => "mine");
        });
        using (HttpResponseMessage response = await host.Client.GetAsync(new Uri("/v1/nothing", UriKind.Relative)))
        {
            response.StatusCode.Should().Be(HttpStatusCode.NotFound);
            response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
            JsonElement problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            problem.GetProperty("type").GetString().Should().Be("/problems/not_found");
            problem.GetProperty("traceId").GetString().Should().NotBeNullOrEmpty();
        }

        using (HttpResponseMessage response = await host.Client.DeleteAsync(new Uri("/v1/chat/completions", UriKind.Relative)))
        {
            response.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
            response.Content.Headers.Allow.Should().Equal("POST");
            (await response.Content.ReadAsStringAsync()).Should().Contain("\"code\":\"method_not_allowed\"").And.StartWith("{\"error\":");
        }

        foreach (string method in (string[])["TRACE", "PROPFIND"])
        {
            using HttpResponseMessage response = await host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/v1/providers"));
            response.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
            response.Content.Headers.Allow.Should().Equal("GET");
        }

        (await host.Client.GetStringAsync(new Uri("/own", UriKind.Relative))).Should().Be("mine", "the host's own routes are left alone");
        using HttpResponseMessage other = await host.Client.GetAsync(new Uri("/elsewhere", UriKind.Relative));
        (await other.Content.ReadAsStringAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Problems_AreAllPublishedWhereTheirTypesLead()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(["alpha"]);
        JsonElement all = JsonDocument.Parse(await host.Client.GetStringAsync(new Uri("/problems", UriKind.Relative))).RootElement.GetProperty("problems");
        all.GetArrayLength().Should().Be(ErrorCatalogue.All.Count);
        foreach (JsonElement problem in all.EnumerateArray())
        {
            using HttpResponseMessage one = await host.Client.GetAsync(new Uri(problem.GetProperty("type").GetString()!, UriKind.Relative));
            one.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        using HttpResponseMessage missing = await host.Client.GetAsync(new Uri("/problems/nothing", UriKind.Relative));
        missing.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await missing.Content.ReadAsStringAsync()).Should().Contain("There is no such problem.");
    }

    [Fact]
    public void Problems_InTheDocs_AreThoseOfTheCatalogue()
    {
        string[] documented = [.. File.ReadAllLines(Path.Combine(Node.Root, "docs", "problems.md")).Where(static l => l.StartsWith("| `", StringComparison.Ordinal))];
        documented.Should().Equal(ErrorCatalogue.All.Select(static t => $"| `{t.Code}` | {t.Status} | {t.Title} | {(t.Retryable ? "yes" : "no")} | {t.Advice} |"));
    }

    [Fact]
    public void Map_WithoutTheServices_SaysWhatToCall()
    {
        WebApplication app = WebApplication.CreateSlimBuilder().Build();
        Action map = () => app.MapProviders();
        map.Should().Throw<InvalidOperationException>().WithMessage("*AddProvidersGateway()*");
    }

    [Fact]
    public async Task Options_ThatAreWrong_AreAllNamedAtStart()
    {
        Func<Task> start = async () => await (await GatewayHost.StartAsync(["alpha"], configure: static o =>
        {
            o.Heartbeat = TimeSpan.Zero;
            o.DrainTimeout = TimeSpan.FromDays(1);
            o.Limits.MaxConcurrentRequests = 0;
            o.Limits.RequestsPerMinute = -1;
            o.Limits.MaxBodyBytes = 1;
            o.Authentication.Jwt = new GatewayJwtOptions { ClockSkew = TimeSpan.FromHours(1), JwksUri = new Uri("http://keys.example/"), TenantClaim = "" };
        })).DisposeAsync();
        OptionsValidationException error = (await start.Should().ThrowAsync<OptionsValidationException>()).Which;
        foreach (string key in (string[])["Heartbeat", "DrainTimeout", "Limits:MaxConcurrentRequests", "Limits:RequestsPerMinute", "Limits:MaxBodyBytes", "Jwt:Issuer", "Jwt:Audience", "Jwt:ClockSkew", "Jwt:JwksUri", "Jwt:TenantClaim"])
        {
            error.Failures.Should().Contain(f => f.Contains(key, StringComparison.Ordinal), key);
        }
    }

    [Fact]
    public async Task StatusPageAndDocument_SwitchedOff_AreNotThere()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(["alpha"], configure: static o => (o.StatusPage, o.OpenApi) = (false, false));
        foreach (string path in (string[])["/status", "/v1/status", "/openapi/v1.json"])
        {
            using HttpResponseMessage response = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
            response.StatusCode.Should().Be(HttpStatusCode.NotFound, path);
        }
    }
}
