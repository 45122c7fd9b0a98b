using System.Net.Sockets;
using System.Text;

namespace Providers.Testing.Tests.Support;

/// <summary>What a bare socket got: the bytes until the server closed, or how it ended.</summary>
internal sealed record Raw(string Text, bool Reset)
{
    public string Head => Text.Split("\r\n\r\n")[0];

    public string Body => Text.Split("\r\n\r\n", 2)[1];

    public static string Post(string path, string body, string version = "HTTP/1.1") =>
        $"POST {path} {version}\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public static async Task<Raw> SendAsync(Uri endpoint, string request, CancellationToken token = default)
    {
        using TcpClient client = new();
        await client.ConnectAsync(endpoint.Host, endpoint.Port, token);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), token);
        using MemoryStream all = new();
        try
        {
            await stream.CopyToAsync(all, token);
        }
        catch (IOException)
        {
            return new Raw(Encoding.UTF8.GetString(all.ToArray()), Reset: true);
        }

        return new Raw(Encoding.UTF8.GetString(all.ToArray()), Reset: false);
    }
}
