using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Providers.AspNetCore.Tests.Support;

/// <summary>Sends bytes that no client library would send.</summary>
internal static class RawHttp
{
    /// <summary>Sends a request and reads until the server closes or a whole answer is there.</summary>
    /// <returns>The answer; empty when the server closed without one.</returns>
    public static async Task<string> SendAsync(Uri address, string request, bool untilClosed = false)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        using CancellationTokenSource late = new(TimeSpan.FromMinutes(1));
        StringBuilder answer = new();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(request), SocketFlags.None, late.Token);
        }
        catch (SocketException)
        {
            // The server has read enough: its answer, if it gave one, is still there to be read.
        }

        try
        {
            int read;
            while ((read = await socket.ReceiveAsync(buffer, SocketFlags.None, late.Token)) > 0)
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
                if (!untilClosed && IsWhole(answer.ToString()))
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Reset: the server wants no more of it. Or it keeps the connection, and what it has said is all.
        }

        return answer.ToString();
    }

    public static int StatusOf(string answer) => answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(answer.AsSpan(9, 3), provider: System.Globalization.CultureInfo.InvariantCulture) : 0;

    private static bool IsWhole(string answer)
    {
        int head = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0)
        {
            return false;
        }

        int at = answer.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        return at >= 0 && at < head && int.TryParse(answer.AsSpan(at + 16, answer.IndexOf('\r', at) - at - 16), out int length) && Encoding.UTF8.GetByteCount(answer.AsSpan(head + 4)) >= length;
    }
}
