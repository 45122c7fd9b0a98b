using System.Net;
using System.Net.Sockets;

namespace Providers.Operations.Tests;

/// <summary>Ports for servers of other makers, which have to be told one.</summary>
internal static class Ports
{
    /// <summary>A free loopback port outside the range from which the system gives ports to clients and to those who ask for any: it stays free until the server has it.</summary>
    public static int Free()
    {
        while (true)
        {
            int port = Random.Shared.Next(20_000, 32_000);
            using TcpListener listener = new(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
