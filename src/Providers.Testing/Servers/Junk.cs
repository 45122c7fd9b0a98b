using Providers.Testing.Faults;
using Providers.Testing.Wires;

namespace Providers.Testing.Servers;

/// <summary>Answers that no model server means: pages, emptiness, other JSON, floods.</summary>
internal static class Junk
{
    private const string Page = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n";

    public static async Task<bool> TrySendAsync(WireExchange exchange)
    {
        switch (exchange.Fault.Kind)
        {
            case FaultKind.Html:
                await exchange.SendAsync(200, "text/html; charset=utf-8", Page).ConfigureAwait(false);
                return true;
            case FaultKind.Empty:
                await exchange.SendAsync(200, "application/json", "").ConfigureAwait(false);
                return true;
            case FaultKind.WrongJson:
                await exchange.SendAsync(200, "application/json", """{"unexpected":[1,2,3]}""").ConfigureAwait(false);
                return true;
            case FaultKind.HugeBody:
                await FloodAsync(exchange, exchange.Fault.Count).ConfigureAwait(false);
                return true;
            case FaultKind.EndlessLine:
                await FloodAsync(exchange, long.MaxValue).ConfigureAwait(false);
                return true;
            default:
                return false;
        }
    }

    private static async Task FloodAsync(WireExchange exchange, long length)
    {
        bool streams = exchange.Request.Json?["stream"]?.GetValueKind() is System.Text.Json.JsonValueKind.True;
        bool lines = exchange.Request.Path.StartsWith("/api/", StringComparison.Ordinal);
        await exchange.HeadersAsync(200, lines ? "application/x-ndjson" : streams ? "text/event-stream" : "application/json", Framing.Chunked).ConfigureAwait(false);
        await exchange.BodyAsync(streams && !lines ? "data: {\"junk\":\"" : "{\"junk\":\"").ConfigureAwait(false);
        byte[] block = new byte[65_536];
        block.AsSpan().Fill((byte)'x');
        for (long sent = 0; sent < length; sent += block.Length)
        {
            exchange.Token.ThrowIfCancellationRequested();
            await exchange.BodyAsync(length - sent < block.Length ? block[..(int)(length - sent)] : block).ConfigureAwait(false);
        }

        await exchange.EndAsync().ConfigureAwait(false);
    }
}
