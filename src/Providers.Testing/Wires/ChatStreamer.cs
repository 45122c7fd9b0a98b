using System.Text;
using Providers.Testing.Faults;

namespace Providers.Testing.Wires;

/// <summary>Writes a chat answer, streamed or whole, and lets it go wrong where the fault says.</summary>
internal static class ChatStreamer
{
    public const string ErrorText = "an error was encountered while running the model: unexpected EOF";

    public static async Task StreamAsync(WireExchange exchange, ChatFormat format, ChatReply reply)
    {
        Fault fault = exchange.Fault;
        if (format.HeadersWithFirstToken && fault.Kind is not FaultKind.KeepAlive)
        {
            await exchange.DelayAsync(FirstPause(fault)).ConfigureAwait(false);
        }

        await exchange.HeadersAsync(200, format.StreamType, format.StreamFraming, 0, format.Headers).ConfigureAwait(false);
        await WriteAsync(exchange, format.Opening(reply)).ConfigureAwait(false);
        if (fault.Kind is FaultKind.KeepAlive)
        {
            await KeepAliveAsync(exchange, format, reply).ConfigureAwait(false);
        }
        else if (!format.HeadersWithFirstToken)
        {
            await exchange.DelayAsync(FirstPause(fault)).ConfigureAwait(false);
        }

        if (await ContentAsync(exchange, format, reply).ConfigureAwait(false))
        {
            await WriteAsync(exchange, format.Finish(reply, fault.Kind is FaultKind.UsageWithChoices)).ConfigureAwait(false);
            exchange.Log.Completed = true;
            if (fault.Kind is FaultKind.OpenAfterFinish)
            {
                await exchange.HangAsync().ConfigureAwait(false);
            }

            await WriteAsync(exchange, format.Mark is { } mark ? [mark] : []).ConfigureAwait(false);
        }

        await exchange.EndAsync().ConfigureAwait(false);
    }

    public static async Task WholeAsync(WireExchange exchange, ChatFormat format, ChatReply reply)
    {
        Fault fault = exchange.Fault;
        TimeSpan all = fault.Kind is FaultKind.TokenInterval ? fault.Delay * reply.Tokens.Count : FirstPause(fault);
        await exchange.DelayAsync(fault.Kind is FaultKind.KeepAlive ? Timeout.InfiniteTimeSpan : all).ConfigureAwait(false);
        string whole = format.Whole(reply, fault.Kind is FaultKind.End ? [.. reply.Tokens.Take(fault.Count)] : reply.Tokens, finished: fault.Kind is not FaultKind.End);
        byte[] body = Encoding.UTF8.GetBytes(whole);
        byte[] half = body[..(body.Length / 2)];
        switch (fault.Kind)
        {
            case FaultKind.Error:
                await exchange.SendAsync(200, format.WholeType, format.Error(fault.Text ?? ErrorText).Replace("data: ", "", StringComparison.Ordinal).Trim(), format.Headers).ConfigureAwait(false);
                return;
            case FaultKind.Malformed or FaultKind.CutToolCall:
                await exchange.HeadersAsync(200, format.WholeType, Framing.Length, half.Length, format.Headers).ConfigureAwait(false);
                await exchange.RawAsync(half).ConfigureAwait(false);
                return;
            case FaultKind.Cut or FaultKind.Stall:
                await exchange.HeadersAsync(200, format.WholeType, Framing.Length, body.Length, format.Headers).ConfigureAwait(false);
                await exchange.RawAsync(half).ConfigureAwait(false);
                await (fault.Kind is FaultKind.Stall ? exchange.HangAsync() : throw new CutException(reset: false)).ConfigureAwait(false);
                return;
            case FaultKind.BrokenUtf8:
                body[body.Length / 2] = 0xFF;
                break;
        }

        await exchange.HeadersAsync(200, format.WholeType, Framing.Length, body.Length, format.Headers).ConfigureAwait(false);
        await exchange.RawAsync(body).ConfigureAwait(false);
        exchange.Log.Tokens = reply.OutputTokens;
        exchange.Log.Completed = fault.Kind is not (FaultKind.End or FaultKind.BrokenUtf8);
        if (fault.Kind is FaultKind.OpenAfterFinish)
        {
            await exchange.HangAsync().ConfigureAwait(false);
        }
    }

    private static TimeSpan FirstPause(Fault fault) => fault.Kind is FaultKind.DelayFirstToken ? fault.Delay : TimeSpan.Zero;

    /// <summary>Writes reasoning, tool call or tokens; false when the fault ended the answer before its finish.</summary>
    private static async Task<bool> ContentAsync(WireExchange exchange, ChatFormat format, ChatReply reply)
    {
        Fault fault = exchange.Fault;
        if (reply.Reasoning is { } reasoning)
        {
            await exchange.BodyAsync(format.Reasoning(reply, reasoning)).ConfigureAwait(false);
        }

        if (fault.Kind is FaultKind.CutToolCall || reply.ToolCall is not null)
        {
            await WriteAsync(exchange, format.ToolCall(reply, fault.Kind is FaultKind.CutToolCall)).ConfigureAwait(false);
            return fault.Kind is not FaultKind.CutToolCall;
        }

        for (int i = 0; i < reply.Tokens.Count; i++)
        {
            if (i == fault.Count && !await GoesOnAsync(exchange, format, reply).ConfigureAwait(false))
            {
                return false;
            }

            await exchange.DelayAsync(fault.Kind is FaultKind.TokenInterval ? fault.Delay : TimeSpan.Zero).ConfigureAwait(false);
            await exchange.BodyAsync(format.Token(reply, reply.Tokens[i])).ConfigureAwait(false);
            exchange.Log.Tokens = i + 1;
        }

        return reply.Tokens.Count != fault.Count || await GoesOnAsync(exchange, format, reply).ConfigureAwait(false);
    }

    private static async Task<bool> GoesOnAsync(WireExchange exchange, ChatFormat format, ChatReply reply)
    {
        switch (exchange.Fault.Kind)
        {
            case FaultKind.Stall:
                await exchange.HangAsync().ConfigureAwait(false);
                return false;
            case FaultKind.Cut:
                throw new CutException(reset: false);
            case FaultKind.End:
                return false;
            case FaultKind.Malformed:
                await exchange.BodyAsync(format.Malformed(reply)).ConfigureAwait(false);
                return false;
            case FaultKind.Error:
                await exchange.BodyAsync(format.Error(exchange.Fault.Text ?? ErrorText)).ConfigureAwait(false);
                return false;
            case FaultKind.BrokenUtf8:
                byte[] token = Encoding.UTF8.GetBytes(format.Token(reply, "~~~~"));
                token[Array.IndexOf(token, (byte)'~') + 1] = 0xFF;
                await exchange.BodyAsync(token).ConfigureAwait(false);
                return true;
            default:
                return true;
        }
    }

    private static async Task KeepAliveAsync(WireExchange exchange, ChatFormat format, ChatReply reply)
    {
        for (int i = 0; ; i++)
        {
            await exchange.DelayAsync(exchange.Fault.Delay).ConfigureAwait(false);
            await exchange.BodyAsync(format.Comment(i) ?? format.Token(reply, "")).ConfigureAwait(false);
        }
    }

    private static async Task WriteAsync(WireExchange exchange, IEnumerable<string> pieces)
    {
        foreach (string piece in pieces)
        {
            await exchange.BodyAsync(piece).ConfigureAwait(false);
        }
    }
}
