using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Providers.AspNetCore.Tests.Support;
using Providers.Memory;

namespace Providers.AspNetCore.Tests.BadInputs;

/// <summary>Rows 24 to 49: ids, cursors, vectors, texts, filters, numbers.</summary>
internal static class MemoryRows
{
    private const string Search = "/v1/memories:search?namespace=bad";

    public static IEnumerable<BadInput> All =>
    [
        new(24, "ids that are none", static async h =>
        {
            foreach (string id in (string[])["nope", "00000000-0000-0000-0000-000000000000", "0198F2A4-0000-7000-8000-000000000000", "%7B0198f2a4-0000-7000-8000-000000000000%7D", new string('a', 200)])
            {
                (await h.SendAsync("GET", $"/v1/memories/{id}")).Status.Should().BeOneOf([400, 404], id);
            }
        }),
        new(25, "another tenant's id", static async h =>
        {
            string id = (await h.StoreAsync("""{"text":"of the other tenant"}""", key: h.Other)).Json.GetProperty("id").GetString()!;
            void Any(HttpRequestMessage r) => r.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
            Reply absent = await h.SendAsync("GET", "/v1/memories/0198f2a4-0000-7000-8000-000000000000?namespace=bad");
            Reply foreign = await h.SendAsync("GET", $"/v1/memories/{id}?namespace=bad");
            (absent.Status, foreign.Status).Should().Be((404, 404));
            foreign.Json.GetProperty("detail").GetString().Should().Be(absent.Json.GetProperty("detail").GetString());
            (await h.SendAsync("PUT", $"/v1/memories/{id}?namespace=bad", "{\"text\":\"mine\"}"u8.ToArray(), change: Any)).Status.Should().Be(404);
            (await h.SendAsync("PATCH", $"/v1/memories/{id}?namespace=bad", "{\"importance\":1}"u8.ToArray(), change: Any)).Status.Should().Be(404);
            (await h.SendAsync("DELETE", $"/v1/memories/{id}?namespace=bad", change: Any)).Status.Should().Be(404);
            (await h.Store.GetAsync(new MemoryScope("other", "bad"), id))!.Text.Should().Be("of the other tenant");
        }),
        new(26, "another tenant's cursor", static async h =>
        {
            string cursor = await CursorAsync(h, h.Other, "cursors");
            (await h.SendAsync("GET", $"/v1/memories?namespace=cursors&limit=1&cursor={cursor}")).Status.Should().Be(400);
        }) { Stores = true },
        new(27, "a cursor that was changed", static async h =>
        {
            string cursor = await CursorAsync(h, h.Acme, "cursors");
            (await h.SendAsync("GET", $"/v1/memories?namespace=cursors&limit=1&cursor={cursor}")).Status.Should().Be(200);
            for (int i = 0; i < cursor.Length; i += 3)
            {
                string flipped = cursor[..i] + (cursor[i] == 'A' ? 'B' : 'A') + cursor[(i + 1)..];
                Reply reply = await h.SendAsync("GET", $"/v1/memories?namespace=cursors&limit=1&cursor={flipped}");
                reply.Status.Should().Be(400);
                reply.Json.GetProperty("code").GetString().Should().Be("invalid_cursor");
            }

            foreach (string broken in (string[])[cursor[..^4], "x", "%20", new string('A', 1000)])
            {
                (await h.SendAsync("GET", $"/v1/memories?namespace=cursors&limit=1&cursor={broken}")).Status.Should().Be(400);
            }
        }) { Stores = true },
        new(28, "limits that are none", static async h =>
        {
            foreach (string limit in (string[])["0", "-1", "201", "2147483648", "abc", "1e3", "", "%31%20"])
            {
                (await h.SendAsync("GET", $"/v1/memories?limit={limit}")).Status.Should().Be(400, limit);
            }

            (await h.SendAsync("GET", "/v1/memories?limit=1&limit=2")).Status.Should().Be(400);
        }),
        new(29, "vectors that are not finite", static async h =>
        {
            foreach (string number in (string[])["\"NaN\"", "\"Infinity\"", "1e400", "3.5e38", "NaN", "null"])
            {
                await BodyRows.Refused(h, $$"""{"text":"x","vector":[1,{{number}}],"vector_space":"s"}""");
            }
        }),
        new(30, "zero vector", static h => BodyRows.Refused(h, """{"text":"x","vector":[0,0,0],"vector_space":"s"}""")),
        new(31, "wrong dimension", static async h =>
        {
            (await h.StoreAsync("""{"text":"x","vector":[1,2,3],"vector_space":"three"}""")).Status.Should().Be(201);
            foreach (string vector in (string[])["[1,2]", "[1,2,3,4]"])
            {
                Reply reply = await h.StoreAsync($$"""{"text":"y","vector":{{vector}},"vector_space":"three"}""");
                reply.Status.Should().Be(400, reply.Text);
                reply.Text.Should().Contain("3", "it names what is expected");
            }

            await BodyRows.Refused(h, """{"text":"x","vector":[],"vector_space":"three"}""");
        }) { Stores = true },
        new(32, "vector of a million dimensions", static async h =>
        {
            byte[] body = Encoding.ASCII.GetBytes($$"""{"text":"x","vector":[{{string.Join(',', Enumerable.Repeat("1", 1_000_000))}}],"vector_space":"s"}""");
            (await h.SendAsync("POST", "/v1/memories?namespace=bad", body)).Status.Should().BeOneOf(400, 413);
            await BodyRows.Refused(h, $$"""{"text":"x","vector":[{{string.Join(',', Enumerable.Repeat("1", 4097))}}],"vector_space":"s"}""");
        }),
        new(33, "extreme components", static async h =>
        {
            foreach (string vector in (string[])["[1e-45,1e-45,1]", "[-0.0,1,0]", "[3.4e38,3.4e38,3.4e38]"])
            {
                (await h.StoreAsync($$"""{"text":"x","vector":{{vector}},"vector_space":"extreme"}""")).Status.Should().Be(201, vector);
            }

            Reply found = await h.PostAsync(Search, """{"vector":[3.4e38,1,1],"vector_space":"extreme","mode":"semantic"}""");
            found.Status.Should().Be(200, found.Text);
            found.Json.GetProperty("matches").EnumerateArray().Should().OnlyContain(static m => double.IsFinite(m.GetProperty("score").GetDouble()));
        }) { Stores = true },
        new(34, "vector of another model: never compared", static async h =>
        {
            (await h.StoreAsync("""{"text":"x","vector":[1,2,3],"vector_space":"model-a"}""")).Status.Should().Be(201);
            Reply found = await h.PostAsync(Search, """{"vector":[1,2,3],"vector_space":"model-b","mode":"semantic"}""");
            (found.Status is 400 or 409 || found.Json.GetProperty("matches").GetArrayLength() == 0).Should().BeTrue(found.Text);
            await BodyRows.Refused(h, """{"vector":[1,2,3],"mode":"semantic"}""", Search);
        }) { Stores = true },
        new(35, "base64 vector that is no whole floats", static async h =>
        {
            await BodyRows.Refused(h, $$"""{"text":"x","vector":"{{Convert.ToBase64String(new byte[7])}}","vector_space":"s"}""");
            await BodyRows.Refused(h, """{"text":"x","vector":"%%%","vector_space":"s"}""");
            string good = Convert.ToBase64String(MemoryMarshal.AsBytes<float>([1f, 2f]));
            (await h.StoreAsync($$"""{"text":"x","vector":"{{good}}","vector_space":"base64"}""")).Status.Should().Be(201);
        }) { Stores = true },
        new(36, "texts that say nothing", static async h =>
        {
            foreach (string text in (string[])["", "   ", "\\n\\t", "\\u0301\\u0301"])
            {
                await BodyRows.Refused(h, $$"""{"text":"{{text}}"}""");
            }
        }),
        new(37, "texts above 64 KiB, by bytes", static async h =>
        {
            await BodyRows.Refused(h, $$"""{"text":"{{new string('a', 65_537)}}"}""", status: 413);
            await BodyRows.Refused(h, $$"""{"text":"{{string.Concat(Enumerable.Repeat("😀", 16_385))}}"}""", status: 413);
            (await h.StoreAsync($$"""{"text":"{{string.Concat(Enumerable.Repeat("😀", 16_384))}}"}""")).Status.Should().Be(201);
        }) { Stores = true },
        new(38, "odd Unicode is kept exactly", static async h =>
        {
            foreach (string text in (string[])["Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘", "a\u202Eb", "a\u200Bb", "раураl"])
            {
                Reply stored = await h.StoreAsync(JsonSerializer.Serialize(new Dictionary<string, object> { ["text"] = text, ["tags"] = new[] { text[..1] } }));
                stored.Status.Should().Be(201, stored.Text);
                (await h.SendAsync("GET", $"/v1/memories/{stored.Json.GetProperty("id").GetString()}?namespace=bad")).Json.GetProperty("text").GetString().Should().Be(text);
            }
        }) { Stores = true },
        new(39, "SQL is data", static async h =>
        {
            const string Sql = "'; drop table mem;--";
            Reply stored = await h.StoreAsync(JsonSerializer.Serialize(new Dictionary<string, object> { ["text"] = Sql, ["tags"] = new[] { Sql }, ["metadata"] = new Dictionary<string, string> { [Sql] = Sql }, ["provenance"] = new Dictionary<string, object> { ["source"] = Sql, ["evidence"] = new[] { Sql } } }));
            stored.Status.Should().Be(201, stored.Text);
            JsonElement read = (await h.SendAsync("GET", $"/v1/memories/{stored.Json.GetProperty("id").GetString()}?namespace=bad")).Json;
            (read.GetProperty("text").GetString(), read.GetProperty("tags")[0].GetString(), read.GetProperty("metadata").GetProperty(Sql).GetString()).Should().Be((Sql, Sql, Sql));
            (await h.PostAsync(Search, JsonSerializer.Serialize(new { text = Sql, filter = new { source = Sql } }))).Json.GetProperty("matches").GetArrayLength().Should().Be(1);
        }) { Stores = true },
        new(40, "full-text syntax is text", static async h =>
        {
            foreach (string text in (string[])["\"", "*", "NEAR(", "col:", "^", "- ", "AND OR NOT", "a\"b", string.Join(' ', Enumerable.Range(0, 10_000))])
            {
                Reply reply = await h.PostAsync(Search, JsonSerializer.Serialize(new { text, mode = "keyword" }));
                reply.Status.Should().BeOneOf([200, 400], text[..Math.Min(20, text.Length)]);
            }
        }),
        new(41, "wildcards are letters", static async h =>
        {
            (await h.StoreAsync("""{"text":"wild","provenance":{"source":"a%b_c\\d"}}""")).Status.Should().Be(201);
            (await ListedAsync(h, """{"source":"a%b_c\\d"}""")).Should().Be(1);
            foreach (string filter in (string[])["""{"source":"%"}""", """{"source":"a_b_c\\d"}""", """{"source":"a%"}"""])
            {
                (await ListedAsync(h, filter)).Should().Be(0, filter);
            }
        }) { Stores = true },
        new(42, "filters that are too large, too deep or wrong", static async h =>
        {
            await BodyRows.Refused(h, "{\"text\":\"x\",\"filter\":{\"tags_any\":[" + string.Join(',', Enumerable.Range(0, 10_000).Select(static i => $"\"t{i}\"")) + "]}}", Search);
            await BodyRows.Refused(h, "{\"text\":\"x\",\"filter\":{\"metadata\":{\"a\":" + new string('[', 100) + new string(']', 100) + "}}}", Search);
            await BodyRows.Refused(h, """{"text":"x","filter":{"owner":"x"}}""", Search);
            await BodyRows.Refused(h, """{"text":"x","filter":{"kinds":"note"}}""", Search);
            await BodyRows.Refused(h, """{"text":"x","filter":{"metadata":{"a":{"b":1}}}}""", Search);
            (await h.SendAsync("GET", "/v1/memories?filter=%7B")).Status.Should().Be(400);
        }),
        new(43, "regular expressions are not evaluated", static async h => (await ListedAsync(h, """{"source":"(a+)+$","tags_any":["(a+)+$"]}""")).Should().Be(0)),
        new(44, "odd metadata keys are data or refused", static async h =>
        {
            foreach (string key in (string[])["__proto__", "$type", "", new string('k', 1024), "a.b.c"])
            {
                Reply reply = await h.StoreAsync(JsonSerializer.Serialize(new Dictionary<string, object> { ["text"] = "x", ["metadata"] = new Dictionary<string, string> { [key] = "v" } }));
                reply.Status.Should().BeOneOf([201, 400], key);
                if (reply.Status == 201)
                {
                    (await h.SendAsync("GET", $"/v1/memories/{reply.Json.GetProperty("id").GetString()}?namespace=bad")).Json.GetProperty("metadata").GetProperty(key).GetString().Should().Be("v");
                }
            }
        }) { Stores = true },
        new(45, "metadata numbers come back exactly", static async h =>
        {
            Reply stored = await h.StoreAsync("""{"text":"x","metadata":{"a":1e308,"b":9007199254740993,"c":0.1}}""");
            JsonElement metadata = (await h.SendAsync("GET", $"/v1/memories/{stored.Json.GetProperty("id").GetString()}?namespace=bad")).Json.GetProperty("metadata");
            metadata.GetProperty("a").GetRawText().Should().Be("1e308");
            metadata.GetProperty("b").GetRawText().Should().Be("9007199254740993");
            metadata.GetProperty("c").GetRawText().Should().Be("0.1");
        }) { Stores = true },
        new(46, "dates that are none, or of another zone", static async h =>
        {
            foreach (string date in (string[])["0000-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "yesterday", "2099-13-01T00:00:00Z"])
            {
                await BodyRows.Refused(h, $$"""{"text":"x","expires_at":"{{date}}"}""");
            }

            Reply stored = await h.StoreAsync("""{"text":"x","expires_at":"2099-01-01T14:00:00+14:00"}""");
            (await h.SendAsync("GET", $"/v1/memories/{stored.Json.GetProperty("id").GetString()}?namespace=bad")).Json.GetProperty("expires_at").GetDateTimeOffset().UtcDateTime.Should().Be(new DateTime(2099, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }) { Stores = true },
        new(47, "lives that are none", static async h =>
        {
            foreach (string ttl in (string[])["-1", "0", "1000000000000", "1.5", "9999999999999999999999"])
            {
                await BodyRows.Refused(h, $$"""{"text":"x","ttl_seconds":{{ttl}}}""");
            }

            await BodyRows.Refused(h, """{"text":"x","ttl_seconds":60,"expires_at":"2099-01-01T00:00:00Z"}""");
        }),
        new(48, "counts of results that are none", static async h =>
        {
            foreach (string top in (string[])["0", "-1", "1000000000", "1e9", "\"10\""])
            {
                await BodyRows.Refused(h, $$"""{"text":"x","top":{{top}}}""", Search);
            }

            await BodyRows.Refused(h, """{"text":"x","ef_search":1000000000}""", Search);
        }),
        new(49, "least scores that are none", static async h =>
        {
            foreach (string score in (string[])["\"NaN\"", "2", "-2", "1e400"])
            {
                await BodyRows.Refused(h, $$"""{"text":"x","min_score":{{score}}}""", Search);
            }
        }),
    ];

    private static async Task<string> CursorAsync(BadInputHost host, string key, string space)
    {
        for (int i = 0; i < 3; i++)
        {
            (await host.StoreAsync($$"""{"text":"page {{i.ToString(CultureInfo.InvariantCulture)}}"}""", space, key: key)).Status.Should().Be(201);
        }

        Reply page = await host.SendAsync("GET", $"/v1/memories?namespace={space}&limit=1", key: key);
        string cursor = page.Json.GetProperty("next_cursor").GetString()!;
        page.Link.Should().Contain("rel=\"next\"").And.Contain(Uri.EscapeDataString(cursor));
        return Uri.EscapeDataString(cursor);
    }

    private static async Task<int> ListedAsync(BadInputHost host, string filter)
    {
        Reply reply = await host.SendAsync("GET", $"/v1/memories?namespace=bad&filter={Uri.EscapeDataString(filter)}");
        reply.Status.Should().Be(200, reply.Text);
        return reply.Json.GetProperty("items").GetArrayLength();
    }
}
