using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Providers.AspNetCore.Tests.Support;
using Providers.Memory;

namespace Providers.AspNetCore.Tests.BadInputs;

/// <summary>Rows 50 to 54, 79, 82 and 83: batches, idempotency, versions, transfers.</summary>
internal static class ChangeRows
{
    private const string Batch = "/v1/memories:batch?namespace=bad";

    public static IEnumerable<BadInput> All =>
    [
        new(50, "batches of none, too many, one twice, one bad", static async h =>
        {
            await BodyRows.Refused(h, """{"operations":[]}""", Batch);
            await BodyRows.Refused(h, "{\"operations\":[" + string.Join(',', Enumerable.Range(0, 1001).Select(static i => "{\"upsert\":{\"id\":\"m" + i + "\",\"text\":\"x\"}}")) + "]}", Batch);
            await BodyRows.Refused(h, """{"operations":[{"upsert":{"id":"a","text":"x"}},{"upsert":{"id":"a","text":"y"}}]}""", Batch);
            Reply one = await h.PostAsync(Batch, """{"operations":[{"upsert":{"id":"a","text":"x"}},{"upsert":{"id":"b","text":""}}]}""");
            one.Status.Should().Be(400);
            one.Json.GetProperty("errors")[0].GetProperty("pointer").GetString().Should().StartWith("/operations/1", "it says which");
            await BodyRows.Refused(h, """{"operations":[{"upsert":{"text":"x"},"delete":{"id":"a"}}]}""", Batch);
            await BodyRows.Refused(h, """{"operations":[{"link":{"from":"a","relation":"loves","to":"b"}}]}""", Batch);
            await BodyRows.Refused(h, """{"operations":[null]}""", Batch);
            (await h.Store.GetAsync(new MemoryScope("acme", "bad"), "a")).Should().BeNull("all or none");
        }),
        new(51, "an idempotency key with another body", static async h =>
        {
            (await h.StoreAsync("""{"text":"one"}""", change: Key("key-51"))).Status.Should().Be(201);
            (await h.StoreAsync("""{"text":"two"}""", change: Key("key-51"))).Status.Should().Be(422);
            (await h.StoreAsync("""{"text":"one"}""", "elsewhere", Key("key-51"))).Status.Should().Be(201, "keys are of one scope");
        }) { Stores = true },
        new(52, "idempotency keys that are none", static async h =>
        {
            foreach (string key in (string[])[new string('k', 10 * 1024), "a b", " "])
            {
                (await h.StoreAsync("""{"text":"x"}""", change: Key(key))).Status.Should().Be(400, key[..Math.Min(5, key.Length)]);
            }

            string raw = await RawHttp.SendAsync(h.Host.Address, $"POST /v1/memories?namespace=bad HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {h.Acme}\r\nContent-Type: application/json\r\nIdempotency-Key: k\u00e9y\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{{\"text\":\"x\"}}", untilClosed: true);
            RawHttp.StatusOf(raw).Should().Be(400, raw);
        }),
        new(53, "64 at once with one key", static async h =>
        {
            long before = await h.CountAsync();
            Reply[] all = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => h.StoreAsync("""{"text":"one of sixty-four"}""", change: Key("key-53"))));
            all.Select(static r => (r.Status, r.Text, r.ETag)).Distinct().Should().ContainSingle();
            (await h.CountAsync() - before).Should().Be(1);
        }) { Stores = true },
        new(54, "If-Match weak, listed, any, garbage, missing", static async h =>
        {
            string id = (await h.StoreAsync("""{"text":"versions"}""")).Json.GetProperty("id").GetString()!;
            async Task<int> Patch(string? match) => (await h.SendAsync("PATCH", $"/v1/memories/{id}?namespace=bad", "{\"importance\":0.5}"u8.ToArray(), change: r => { if (match is not null) { r.Headers.TryAddWithoutValidation("If-Match", match); } })).Status;
            (await Patch(null)).Should().Be(428);
            (await Patch("W/\"1\"")).Should().Be(412, "a weak tag never matches a change");
            (await Patch("garbage")).Should().Be(400);
            (await Patch("\"7\"")).Should().Be(412);
            (await Patch("\"1\"")).Should().Be(200);
            (await Patch("\"1\", \"2\"")).Should().Be(200, "one of the list is the present one");
            (await Patch("\"1\", \"2\"")).Should().Be(412);
            (await Patch("*")).Should().Be(200);
            Reply known = await h.SendAsync("GET", $"/v1/memories/{id}?namespace=bad", change: static r => r.Headers.TryAddWithoutValidation("If-None-Match", "W/\"4\""));
            known.Status.Should().Be(304);
        }) { Stores = true },
        new(79, "a client that leaves in the middle of its body", static async h =>
        {
            long before = await h.CountAsync();
            using (System.Net.Sockets.Socket socket = new(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp))
            {
                await socket.ConnectAsync(IPAddress.Loopback, h.Host.Address.Port);
                await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/memories?namespace=bad HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {h.Acme}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"text\":\"half"));
                socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
            }

            (await h.SendAsync("GET", "/v1/memories?namespace=bad&limit=1")).Status.Should().Be(200);
            (await h.CountAsync()).Should().Be(before);
        }),
        new(82, "imports with a bad line, a line too long, a cut", static async h =>
        {
            static string Line(string id) => $$"""{"id":"{{id}}","kind":"note","text":"line {{id}}","tags":[],"importance":0.5,"created_at":"2020-01-01T00:00:00Z","updated_at":"2020-01-01T00:00:00Z","version":3}""";
            async Task<Reply> Import(string body, string query = "") => await h.SendAsync("POST", $"/v1/memories:import?namespace=imported{query}", Encoding.UTF8.GetBytes(body), "application/x-ndjson");
            Reply corrupt = await Import(string.Join('\n', Line("a"), Line("b"), "{ corrupt", Line("d")));
            corrupt.Status.Should().Be(400, corrupt.Text);
            corrupt.Json.GetProperty("detail").GetString().Should().StartWith("Line 3:").And.Contain("2 memories are stored").And.Contain("from_line=3");
            Reply rest = await Import(string.Join('\n', Line("a"), Line("b"), Line("c"), Line("d"), ""), "&from_line=3");
            rest.Status.Should().Be(200, rest.Text);
            (rest.Json.GetProperty("imported").GetInt64(), rest.Json.GetProperty("next_line").GetInt64()).Should().Be((2, 5));
            Reply invalid = await Import(string.Join('\n', Line("e"), Line("f f")));
            invalid.Json.GetProperty("detail").GetString().Should().StartWith("Line 2:").And.Contain("1 memories are stored");
            (await Import(new string('x', 2 * 1024 * 1024))).Status.Should().Be(413, "a line has a limit, whatever the file has");
            Reply cut = await Import(Line("g") + "\n" + Line("h")[..40]);
            cut.Json.GetProperty("detail").GetString().Should().StartWith("Line 2:");
            (await h.SendAsync("POST", "/v1/memories:import?namespace=imported", "{}"u8.ToArray())).Status.Should().Be(415);
            (await h.CountAsync("imported")).Should().Be(6);
            (await h.Store.GetAsync(new MemoryScope("acme", "imported"), "a"))!.Created.Year.Should().Be(2020, "times are kept");
        }) { Stores = true },
        new(83, "an export while others write", static async h =>
        {
            for (int i = 0; i < 20; i++)
            {
                (await h.StoreAsync($$"""{"id":"x{{i.ToString("D3", CultureInfo.InvariantCulture)}}","text":"exported"}""", "exported")).Status.Should().Be(201);
            }

            Task writer = Task.Run(async () =>
            {
                for (int i = 0; i < 20; i++)
                {
                    await h.StoreAsync("""{"text":"late"}""", "exported");
                }
            });
            Reply export = await h.PostAsync("/v1/memories:export?namespace=exported", "{}");
            await writer;
            export.Status.Should().Be(200);
            JsonElement[] lines = [.. export.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => JsonDocument.Parse(l).RootElement)];
            lines.Take(20).Select(static l => l.GetProperty("id").GetString()).Should().Equal(Enumerable.Range(0, 20).Select(static i => $"x{i:D3}"));
            lines.Should().OnlyContain(static l => l.GetProperty("vector").GetArrayLength() > 0);
        }) { Stores = true },
    ];

    private static Action<HttpRequestMessage> Key(string key) => r => r.Headers.TryAddWithoutValidation("Idempotency-Key", key);
}
