using System.Globalization;
using System.IO.Compression;
using System.Text;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.BadInputs;

/// <summary>Rows 1 to 23: bodies, encodings, framing, methods, paths.</summary>
internal static class BodyRows
{
    private const string Memories = "/v1/memories?namespace=bad";

    public static IEnumerable<BadInput> All =>
    [
        Body(1, "empty body", ""),
        Body(2, "body null", "null"),
        Body(3, "truncated JSON", """{"text":"""),
        Body(4, "trailing garbage", """{"text":"x"} x"""),
        Bytes(5, "UTF-8 BOM", [0xEF, 0xBB, 0xBF, .. "{\"text\":\"x\"}"u8]),
        Bytes(6, "invalid UTF-8 in a string", [.. "{\"text\":\"x"u8, 0xFF, .. "\"}"u8]),
        new(7, "lone surrogate, also where it would be kept as it is", static async h =>
        {
            await Refused(h, """{"text":"\ud800"}""");
            await Refused(h, """{"text":"x","metadata":{"a":"\udc00 "}}""");
            await Refused(h, """{"text":"x","metadata":{"\ud800":1}}""");
        }),
        new(8, "U+0000", static async h =>
        {
            await Refused(h, """{"text":"a\u0000b"}""");
            await Refused(h, """{"text":"x","tags":["a\u0000"]}""");
            await Refused(h, """{"text":"x","metadata":{"a":"\u0000"}}""");
        }),
        Body(9, "duplicate keys", """{"text":"a","text":"b"}"""),
        new(10, "unknown property, no mass assignment", static async h =>
        {
            foreach (string name in (string[])["tenantId", "tenant", "isAdmin", "version", "created_at", "actor", "$type"])
            {
                await Refused(h, $$"""{"text":"x","{{name}}":"acme"}""");
            }
        }),
        new(11, "nested 200 deep", static async h =>
        {
            await Refused(h, $$"""{"text":"x","metadata":{{string.Concat(Enumerable.Repeat("{\"a\":", 200))}}1{{new string('}', 200)}}}""");
            await Refused(h, $$"""{"messages":[{"role":"user","content":{{new string('[', 200)}}{{new string(']', 200)}}}]}""", "/v1/chat/completions");
        }),
        new(12, "array of a million elements", static async h =>
        {
            byte[] body = Encoding.ASCII.GetBytes($$"""{"text":"x","tags":[{{string.Join(',', Enumerable.Repeat("1", 1_000_000))}}]}""");
            (await h.SendAsync("POST", Memories, body)).Status.Should().BeOneOf(400, 413);
            byte[] batch = Encoding.ASCII.GetBytes($$"""{"operations":[{{string.Join(',', Enumerable.Repeat("null", 1_000_000))}}]}""");
            (await h.SendAsync("POST", "/v1/memories:batch?namespace=bad", batch)).Status.Should().Be(400);
        }),
        new(13, "body of 2 MiB", static async h => (await h.SendAsync("POST", Memories, new byte[2 * 1024 * 1024])).Status.Should().Be(413)),
        new(14, "chunked body of 2 MiB", static async h =>
        {
            Reply reply = await h.SendAsync("POST", Memories, change: static r =>
            {
                r.Content = new StreamContent(new MemoryStream([.. "{\"text\":\""u8, .. Enumerable.Repeat((byte)'a', 2 * 1024 * 1024)]));
                r.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
                r.Headers.TransferEncodingChunked = true;
            });
            reply.Status.Should().Be(413);
        }),
        new(15, "gzip bomb", static async h => (await Packed(h, Zip(new byte[100 * 1024 * 1024]), "gzip")).Status.Should().Be(413)),
        new(16, "Content-Encoding gzip with a plain body", static async h => (await Packed(h, "{\"text\":\"x\"}"u8.ToArray(), "gzip")).Status.Should().Be(400)),
        new(17, "unknown encoding", static async h => (await Packed(h, "{\"text\":\"x\"}"u8.ToArray(), "br2")).Status.Should().Be(415)),
        new(18, "wrong content type", static async h =>
        {
            foreach (string? type in (string?[])["text/plain", "application/x-www-form-urlencoded", "application/xml", null])
            {
                (await h.SendAsync("POST", Memories, "{\"text\":\"x\"}"u8.ToArray(), type)).Status.Should().Be(415, type);
            }
        }),
        new(19, "a body that stalls", static async h =>
        {
            string answer = await RawHttp.SendAsync(h.Host.Address, $"POST {Memories} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {h.Acme}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{", untilClosed: true);
            (RawHttp.StatusOf(answer) is 0 or 408).Should().BeTrue(answer);
        }),
        new(20, "two Content-Lengths; Content-Length and Transfer-Encoding", static async h =>
        {
            string head = $"POST {Memories} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {h.Acme}\r\nContent-Type: application/json\r\n";
            RawHttp.StatusOf(await RawHttp.SendAsync(h.Host.Address, head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n{\"a\":1", untilClosed: true)).Should().Be(400);
            string both = await RawHttp.SendAsync(h.Host.Address, head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n", untilClosed: true);
            RawHttp.StatusOf(both).Should().Be(400, both);
            (both.Split("HTTP/1.1 ").Length - 1).Should().Be(1, "what was smuggled is not answered");
        }),
        new(21, "headers that are too large or too many", static async h =>
        {
            RawHttp.StatusOf(await RawHttp.SendAsync(h.Host.Address, $"GET /v1/models HTTP/1.1\r\nHost: x\r\nX-Large: {new string('a', 64 * 1024)}\r\n\r\n", untilClosed: true)).Should().Be(431);
            string many = string.Concat(Enumerable.Range(0, 1000).Select(static i => $"X-{i.ToString(CultureInfo.InvariantCulture)}: 1\r\n"));
            RawHttp.StatusOf(await RawHttp.SendAsync(h.Host.Address, $"GET /v1/models HTTP/1.1\r\nHost: x\r\n{many}\r\n", untilClosed: true)).Should().Be(431);
        }),
        new(22, "methods that are not there", static async h =>
        {
            foreach (string method in (string[])["TRACE", "PROPFIND", "PATCH"])
            {
                (await h.SendAsync(method, "/v1/memories")).Status.Should().Be(405, method);
            }
        }),
        new(23, "paths that climb or hold nothing", static async h =>
        {
            foreach (string path in (string[])["/v1/memories/..%2f..%2fetc%2fpasswd", "/v1/memories/%00", "/v1/memories/%c0%ae%c0%ae", "/v1/memories/../../etc/passwd", "/v1/memories/a%0d%0ab"])
            {
                int status = RawHttp.StatusOf(await RawHttp.SendAsync(h.Host.Address, $"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {h.Acme}\r\nConnection: close\r\n\r\n", untilClosed: true));
                (status is 400 or 404).Should().BeTrue($"{path}: {status}");
            }
        }),
    ];

    private static BadInput Body(int number, string input, string body) => new(number, input, h => Refused(h, body));

    private static BadInput Bytes(int number, string input, byte[] body) => new(number, input, async h => (await h.SendAsync("POST", Memories, body)).Status.Should().Be(400));

    public static async Task Refused(BadInputHost host, string body, string path = Memories, int status = 400)
    {
        Reply reply = await host.PostAsync(path, body);
        reply.Status.Should().Be(status, $"{body[..Math.Min(body.Length, 200)]}: {reply.Text}");
    }

    private static Task<Reply> Packed(BadInputHost host, byte[] body, string encoding) => host.SendAsync("POST", Memories, body, change: r => r.Content!.Headers.TryAddWithoutValidation("Content-Encoding", encoding));

    private static byte[] Zip(byte[] data)
    {
        using MemoryStream packed = new();
        using (GZipStream zip = new(packed, CompressionLevel.Fastest))
        {
            zip.Write(data);
        }

        return packed.ToArray();
    }
}
