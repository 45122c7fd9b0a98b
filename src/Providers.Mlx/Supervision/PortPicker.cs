using System.Net;
using System.Net.Sockets;

namespace Providers.Mlx;

/// <summary>Finds a free port. <c>mlx_lm.server --port 0</c> never tells which one it got, so ours is chosen before; another process may still take it.</summary>
internal static class PortPicker
{
    public static int Pick()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Whether nobody listens on a port: a stranger there would be taken for the server that is still starting.</summary>
    public static bool IsFree(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
