using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Providers.Gateway.Benchmarks;

/// <summary>
/// A model server that does nothing but answer: raw sockets, two answers made beforehand. It must never be what is measured.
/// </summary>
internal static class Upstream
{
    public const int Chunks = 32;

    private static readonly byte[] s_whole = Whole();
    private static readonly byte[] s_stream = Stream();

    public static async Task<int> RunAsync()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        Console.WriteLine($"listening http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        while (true)
        {
            Socket socket = await listener.AcceptAsync();
            socket.NoDelay = true;
            _ = ServeAsync(socket);
        }
    }

    private static async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            byte[] buffer = new byte[64 * 1024];
            int filled = 0;
            try
            {
                while (true)
                {
                    int length = RequestLength(buffer.AsSpan(0, filled), out bool stream);
                    if (length > 0)
                    {
                        buffer.AsSpan(length, filled - length).CopyTo(buffer);
                        filled -= length;
                        await socket.SendAsync(stream ? s_stream : s_whole, SocketFlags.None);
                        continue;
                    }

                    int read = await socket.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None);
                    if (read == 0)
                    {
                        return;
                    }

                    filled += read;
                }
            }
            catch (SocketException)
            {
                // The other side is gone.
            }
        }
    }

    /// <summary>Finds the end of a request, with a length or chunked.</summary>
    /// <returns>Its length; 0 when it is not all there.</returns>
    private static int RequestLength(ReadOnlySpan<byte> data, out bool stream)
    {
        stream = false;
        int head = data.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> headers = data[..head];
        int body = head + 4, length;
        int at = IndexOfHeader(headers, "content-length: "u8);
        if (at >= 0)
        {
            length = System.Buffers.Text.Utf8Parser.TryParse(headers[at..], out int count, out _) ? body + count : body;
        }
        else if (IndexOfHeader(headers, "transfer-encoding: chunked"u8) >= 0)
        {
            int end = data[body..].IndexOf("0\r\n\r\n"u8);
            length = end < 0 ? int.MaxValue : body + end + 5;
        }
        else
        {
            length = body;
        }

        if (length > data.Length)
        {
            return 0;
        }

        stream = data[body..length].IndexOf("\"stream\":true"u8) >= 0;
        return length;
    }

    private static int IndexOfHeader(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name)
    {
        for (int line = headers.IndexOf("\r\n"u8); line >= 0;)
        {
            ReadOnlySpan<byte> rest = headers[(line + 2)..];
            if (rest.Length >= name.Length && Ascii.EqualsIgnoreCase(rest[..name.Length], name))
            {
                return line + 2 + name.Length;
            }

            int next = rest.IndexOf("\r\n"u8);
            line = next < 0 ? -1 : line + 2 + next;
        }

        return -1;
    }

    private static byte[] Whole()
    {
        string json = """{"id":"chatcmpl-1","object":"chat.completion","created":1770000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"The three longest rivers of Norway are the Glomma, the Tana and the Numedalslaagen."},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":24,"total_tokens":36}}""";
        return Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}");
    }

    private static byte[] Stream()
    {
        StringBuilder events = new();
        void Event(string json)
        {
            string data = $"data: {json}\n\n";
            events.Append(data.Length.ToString("x")).Append("\r\n").Append(data).Append("\r\n");
        }

        const string Start = """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1770000000,"model":"m","choices":""";
        Event(Start + """[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""");
        for (int i = 0; i < Chunks; i++)
        {
            Event(Start + $$"""[{"index":0,"delta":{"content":" word{{i}}"},"finish_reason":null}]}""");
        }

        Event(Start + """[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
        Event(Start + """[],"usage":{"prompt_tokens":12,"completion_tokens":32,"total_tokens":44}}""");
        Event("[DONE]");
        return Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + events + "0\r\n\r\n");
    }
}
