using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Tests.Support;
using Providers.Memory;

namespace Providers.AspNetCore.Tests.Memories;

/// <summary>The memory over REST: every endpoint by its use.</summary>
public sealed class MemoryApiTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await FullHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Memory_StoredReadChangedAndDeleted_CarriesItsVersionAsETag()
    {
        using HttpResponseMessage created = await _host.PostAsync("/v1/memories", """{"text":"Anna takes her tea without milk.","kind":"preference","tags":["anna","tea"],"importance":0.7,"metadata":{"a":1},"provenance":{"source":"user","evidence":["doc:1"],"trust":0.9},"ttl_seconds":3600}""");
        created.StatusCode.Should().Be(HttpStatusCode.Created);
        (created.Headers.ETag!.Tag, created.Headers.ETag.IsWeak).Should().Be(("\"1\"", false));
        string path = created.Headers.Location!.ToString();
        string id = (await ReadAsync(created)).GetProperty("id").GetString()!;
        path.Should().Be($"/v1/memories/{id}");
        Guid.Parse(id).Version.Should().Be(7);

        JsonElement read = await GetAsync(path);
        read.GetProperty("text").GetString().Should().Be("Anna takes her tea without milk.");
        read.GetProperty("kind").GetString().Should().Be("preference");
        read.GetProperty("tags").EnumerateArray().Select(static t => t.GetString()).Should().Equal("anna", "tea");
        read.GetProperty("provenance").GetProperty("actor").GetString().Should().Be("open");
        read.GetProperty("expires_at").GetDateTimeOffset().Should().BeAfter(DateTimeOffset.UtcNow);
        read.TryGetProperty("vector", out _).Should().BeFalse();
        (await GetAsync(path + "?include=vector")).GetProperty("vector").GetArrayLength().Should().Be(16);
        using (HttpResponseMessage known = await SendAsync("GET", path, null, ("If-None-Match", "\"1\"")))
        {
            known.StatusCode.Should().Be(HttpStatusCode.NotModified);
            (await known.Content.ReadAsStringAsync()).Should().BeEmpty();
        }

        using (HttpResponseMessage patched = await SendAsync("PATCH", path + "?keep_history=true", """{"importance":0.9,"archived":true,"metadata":null}""", ("If-Match", "\"1\"")))
        {
            patched.StatusCode.Should().Be(HttpStatusCode.OK, await patched.Content.ReadAsStringAsync());
            patched.Headers.ETag!.Tag.Should().Be("\"2\"");
        }

        using (HttpResponseMessage replaced = await SendAsync("PUT", path, """{"text":"With lemon."}""", ("If-Match", "\"2\"")))
        {
            replaced.StatusCode.Should().Be(HttpStatusCode.OK);
            (await ReadAsync(replaced)).GetProperty("version").GetInt64().Should().Be(3);
        }

        JsonElement history = (await GetAsync(path + "/history")).GetProperty("items");
        history.GetArrayLength().Should().Be(1);
        history[0].GetProperty("importance").GetDouble().Should().Be(0.7);
        using (HttpResponseMessage deleted = await SendAsync("DELETE", path, null, ("If-Match", "\"3\"")))
        {
            deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        }

        foreach (string gone in (string[])[path, path + "/history", path + "/related"])
        {
            using HttpResponseMessage response = await SendAsync("GET", gone);
            response.StatusCode.Should().Be(HttpStatusCode.NotFound, gone);
        }
    }

    [Fact]
    public async Task Put_WithIfNoneMatch_StoresOnlyWhatIsNotThere()
    {
        using (HttpResponseMessage created = await SendAsync("PUT", "/v1/memories/mine", """{"text":"one"}""", ("If-None-Match", "*")))
        {
            created.StatusCode.Should().Be(HttpStatusCode.Created);
        }

        using (HttpResponseMessage there = await SendAsync("PUT", "/v1/memories/mine", """{"text":"two"}""", ("If-None-Match", "*")))
        {
            there.StatusCode.Should().Be(HttpStatusCode.PreconditionFailed);
        }

        using (HttpResponseMessage wrong = await SendAsync("PUT", "/v1/memories/mine", """{"text":"two"}""", ("If-None-Match", "\"1\"")))
        {
            wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        }

        using (HttpResponseMessage other = await SendAsync("PUT", "/v1/memories/mine", """{"id":"other","text":"two"}""", ("If-Match", "*")))
        {
            other.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        }

        using HttpResponseMessage posted = await _host.PostAsync("/v1/memories", """{"id":"mine","text":"three"}""");
        posted.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await GetAsync("/v1/memories/mine")).GetProperty("text").GetString().Should().Be("one");
    }

    [Fact]
    public async Task Put_OfTheVersionThatThereNeverIs_StoresNothing()
    {
        using HttpResponseMessage response = await SendAsync("PUT", "/v1/memories/nobody", """{"text":"one"}""", ("If-Match", "\"0\""));
        response.StatusCode.Should().Be(HttpStatusCode.NotFound, "If-Match asks for one that is there");
        using HttpResponseMessage read = await SendAsync("GET", "/v1/memories/nobody");
        read.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("ids")]
    [InlineData("kinds")]
    [InlineData("tags_any")]
    public async Task Filter_WhoseListIsEmpty_IsRefusedWithItsPlace(string list)
    {
        using HttpResponseMessage response = await _host.PostAsync("/v1/memories:search", $$$"""{"text":"x","filter":{"{{{list}}}":[]}}""");
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await ReadAsync(response)).GetProperty("errors")[0].GetProperty("pointer").GetString().Should().Be($"/filter/{list}");
    }

    [Fact]
    public async Task List_PageByPage_ShowsEachOnceInBothOrders()
    {
        for (int i = 0; i < 25; i++)
        {
            using HttpResponseMessage stored = await _host.PostAsync("/v1/memories?namespace=pages", $$"""{"id":"m{{i:D2}}","text":"page {{i}}","kind":"{{(i % 2 == 0 ? "even" : "odd")}}"}""");
            stored.StatusCode.Should().Be(HttpStatusCode.Created);
        }

        foreach (string order in (string[])["oldest_first", "newest_first"])
        {
            List<string> ids = [];
            string? next = $"/v1/memories?namespace=pages&limit=7&order={order}&filter={Uri.EscapeDataString("""{"kinds":["even"]}""")}";
            while (next is not null)
            {
                using HttpResponseMessage page = await SendAsync("GET", next);
                page.StatusCode.Should().Be(HttpStatusCode.OK, next);
                JsonElement body = await ReadAsync(page);
                ids.AddRange(body.GetProperty("items").EnumerateArray().Select(static m => m.GetProperty("id").GetString()!));
                next = page.Headers.TryGetValues("Link", out IEnumerable<string>? links) ? links.Single().Split('<', '>')[1] : null;
                body.TryGetProperty("next_cursor", out _).Should().Be(next is not null);
            }

            string[] expected = [.. Enumerable.Range(0, 25).Where(static i => i % 2 == 0).Select(static i => $"m{i:D2}")];
            ids.Should().Equal(order == "oldest_first" ? expected : expected.Reverse());
        }
    }

    [Fact]
    public async Task Search_FindsByMeaningAndWordsAndExplainsWhenAsked()
    {
        foreach (string text in (string[])["Anna takes her tea without milk.", "The Glomma is a river.", "Tea grows in Assam."])
        {
            using HttpResponseMessage stored = await _host.PostAsync("/v1/memories?namespace=search", JsonSerializer.Serialize(new { text, tags = new[] { "t" } }));
            stored.StatusCode.Should().Be(HttpStatusCode.Created);
        }

        foreach (string mode in (string[])["hybrid", "semantic", "keyword"])
        {
            using HttpResponseMessage found = await _host.PostAsync("/v1/memories:search?namespace=search", $$$"""{"text":"Anna tea milk","mode":"{{{mode}}}","top":2,"explain":true,"filter":{"tags_all":["t"],"state":"active"}}""");
            JsonElement[] matches = [.. (await ReadAsync(found)).GetProperty("matches").EnumerateArray()];
            matches[0].GetProperty("memory").GetProperty("text").GetString().Should().Be("Anna takes her tea without milk.", mode);
            matches[0].TryGetProperty(mode == "semantic" ? "vector_score" : "keyword_score", out _).Should().BeTrue(mode);
        }

        using HttpResponseMessage plain = await _host.PostAsync("/v1/memories:search?namespace=search", """{"text":"tea"}""");
        (await ReadAsync(plain)).GetProperty("matches")[0].TryGetProperty("factors", out _).Should().BeFalse();
        foreach (string wrong in (string[])["""{"text":"x","mode":"psychic"}""", """{"text":"x","filter":{"state":"gone"}}""", "{}"])
        {
            using HttpResponseMessage refused = await _host.PostAsync("/v1/memories:search", wrong);
            refused.StatusCode.Should().Be(HttpStatusCode.BadRequest, wrong);
        }
    }

    [Fact]
    public async Task Batch_ChangesTogetherAndLinks()
    {
        using (HttpResponseMessage first = await _host.PostAsync("/v1/memories:batch?namespace=batch", """{"operations":[{"upsert":{"id":"a","text":"A"}},{"upsert":{"id":"b","text":"B"}},{"upsert":{"id":"c","text":"C"}},{"link":{"from":"a","relation":"supports","to":"b"}},{"link":{"from":"b","relation":"related_to","to":"c"}}]}"""))
        {
            first.StatusCode.Should().Be(HttpStatusCode.OK, await first.Content.ReadAsStringAsync());
            (await ReadAsync(first)).GetProperty("outcomes").EnumerateArray().Take(3).Select(static o => (o.GetProperty("change").GetString(), o.GetProperty("id").GetString(), o.GetProperty("version").GetInt64()))
                .Should().Equal(("created", "a", 1), ("created", "b", 1), ("created", "c", 1));
        }

        JsonElement[] edges = [.. (await GetAsync("/v1/memories/a/related?namespace=batch&depth=2&limit=10&direction=both")).GetProperty("links").EnumerateArray()];
        edges.Select(static e => (e.GetProperty("from").GetString(), e.GetProperty("relation").GetString(), e.GetProperty("to").GetString(), e.GetProperty("depth").GetInt32())).Should().Equal(("a", "supports", "b", 1), ("b", "related_to", "c", 2));
        (await GetAsync("/v1/memories/a/related?namespace=batch&relation=related_to&direction=incoming")).GetProperty("links").GetArrayLength().Should().Be(0);
        (await GetAsync("/v1/memories/b/related?namespace=batch&direction=outgoing")).GetProperty("links").GetArrayLength().Should().Be(1);
        using (HttpResponseMessage wrong = await SendAsync("GET", "/v1/memories/a/related?namespace=batch&direction=sideways"))
        {
            wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        }

        using (HttpResponseMessage second = await _host.PostAsync("/v1/memories:batch?namespace=batch", """{"keep_history":true,"operations":[{"patch":{"id":"a","changes":{"text":"A2"}},"expected_version":1},{"delete":{"id":"c"},"expected_version":1},{"unlink":{"from":"a","relation":"supports","to":"b"}}]}"""))
        {
            second.StatusCode.Should().Be(HttpStatusCode.OK, await second.Content.ReadAsStringAsync());
        }

        using (HttpResponseMessage conflict = await _host.PostAsync("/v1/memories:batch?namespace=batch", """{"operations":[{"patch":{"id":"b","changes":{"text":"B2"}}},{"patch":{"id":"a","changes":{"text":"A3"}},"expected_version":1}]}"""))
        {
            conflict.StatusCode.Should().Be(HttpStatusCode.PreconditionFailed);
        }

        (await GetAsync("/v1/memories/b?namespace=batch")).GetProperty("text").GetString().Should().Be("B", "all or none");
        JsonElement stats = await GetAsync("/v1/memories:stats?namespace=batch");
        (stats.GetProperty("count").GetInt64(), stats.GetProperty("links").GetInt64(), stats.GetProperty("by_kind").GetProperty("note").GetInt64()).Should().Be((2, 0, 2));
    }

    [Fact]
    public async Task Tags_AreListedByFrequencyAndPrefix()
    {
        foreach (string tags in (string[])["\"tea\",\"anna\"", "\"tea\"", "\"river\""])
        {
            using HttpResponseMessage stored = await _host.PostAsync("/v1/memories?namespace=tags", $$"""{"text":"x {{tags.Length}}","tags":[{{tags}}]}""");
            stored.StatusCode.Should().Be(HttpStatusCode.Created);
        }

        (await GetAsync("/v1/memories:tags?namespace=tags&limit=2")).GetProperty("tags").EnumerateArray().Select(static t => t.GetString()).Should().Equal("tea", "anna");
        (await GetAsync("/v1/memories:tags?namespace=tags&prefix=r")).GetProperty("tags").EnumerateArray().Select(static t => t.GetString()).Should().Equal("river");
    }

    [Fact]
    public async Task Export_ImportedElsewhere_IsTheSame()
    {
        using (HttpResponseMessage stored = await _host.PostAsync("/v1/memories:batch?namespace=from", """{"operations":[{"upsert":{"id":"a","text":"A","tags":["x"],"metadata":{"n":1.50},"provenance":{"source":"user"}}},{"upsert":{"id":"b","text":"B","vector":[1,0.5],"vector_space":"own"}}]}"""))
        {
            stored.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        using HttpResponseMessage export = await _host.PostAsync("/v1/memories:export?namespace=from", "");
        export.Content.Headers.ContentType!.MediaType.Should().Be("application/x-ndjson");
        string lines = await export.Content.ReadAsStringAsync();
        using HttpResponseMessage import = await _host.Client.PostAsync(new Uri("/v1/memories:import?namespace=to", UriKind.Relative), new StringContent(lines, Encoding.UTF8, "application/x-ndjson"));
        (await ReadAsync(import)).GetProperty("imported").GetInt64().Should().Be(2);
        using HttpResponseMessage again = await _host.PostAsync("/v1/memories:export?namespace=to", """{"filter":{"ids":["a","b"]}}""");
        (await again.Content.ReadAsStringAsync()).Should().Be(lines);
        using HttpResponseMessage none = await _host.PostAsync("/v1/memories:export?namespace=nothing", "{}");
        (await none.Content.ReadAsStringAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Erasure_IsAJobThatIsFollowedAndKeptFromOthers()
    {
        using (HttpResponseMessage stored = await _host.PostAsync("/v1/memories:batch?namespace=erase", """{"operations":[{"upsert":{"id":"a","text":"A","tags":["x"]}},{"upsert":{"id":"b","text":"B"}}]}"""))
        {
            stored.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        using (HttpResponseMessage unsaid = await SendAsync("DELETE", "/v1/memories?namespace=erase"))
        {
            unsaid.StatusCode.Should().Be(HttpStatusCode.BadRequest, "everything is not erased by leaving something out");
        }

        foreach (string filter in (string[])["{}", """{"state":"any"}""", """{"ids":[]}""", """{"kinds":[]}""", """{"tags_any":[]}""", """{"tags_all":[],"metadata":{}}""", """{"kinds":["note"],"state":"archived"}""", """{"kinds":["note"],"state":"active"}"""])
        {
            using HttpResponseMessage vague = await SendAsync("DELETE", $"/v1/memories?namespace=erase&filter={Uri.EscapeDataString(filter)}");
            vague.StatusCode.Should().Be(HttpStatusCode.BadRequest, $"{filter} would erase what it does not name");
        }

        (await GetAsync("/v1/memories?namespace=erase")).GetProperty("items").GetArrayLength().Should().Be(2);
        JsonElement job = await FollowAsync($"/v1/memories?namespace=erase&filter={Uri.EscapeDataString("""{"tags_any":["x"]}""")}");
        (job.GetProperty("status").GetString(), job.GetProperty("count").GetInt64()).Should().Be(("succeeded", 1));
        job = await FollowAsync("/v1/memories?namespace=erase&all=true");
        job.GetProperty("count").GetInt64().Should().Be(1);
        using HttpResponseMessage unknown = await SendAsync("GET", $"/v1/jobs/{Guid.NewGuid():D}");
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
        using HttpResponseMessage cancelled = await SendAsync("DELETE", $"/v1/jobs/{job.GetProperty("id").GetString()}");
        cancelled.StatusCode.Should().Be(HttpStatusCode.Accepted, "cancelling what has ended changes nothing");
        using HttpResponseMessage none = await SendAsync("DELETE", $"/v1/jobs/{Guid.NewGuid():D}");
        none.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private async Task<JsonElement> FollowAsync(string path)
    {
        using HttpResponseMessage accepted = await SendAsync("DELETE", path);
        accepted.StatusCode.Should().Be(HttpStatusCode.Accepted, await accepted.Content.ReadAsStringAsync());
        JsonElement job;
        do
        {
            job = await GetAsync(accepted.Headers.Location!.ToString());
        }
        while (job.GetProperty("status").GetString() == "running");
        return job;
    }

    private Task<HttpResponseMessage> SendAsync(string method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        HttpRequestMessage request = new(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _host.Client.SendAsync(request);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using HttpResponseMessage response = await SendAsync("GET", path);
        response.StatusCode.Should().Be(HttpStatusCode.OK, path);
        return await ReadAsync(response);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
}
