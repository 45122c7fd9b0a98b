using System.Net;

namespace Providers.Http;

/// <summary>The host's proxy, for all but this machine: .NET would send requests to a loopback address there too, and what is local must not leave.</summary>
/// <param name="hosts">Gives the host's proxy.</param>
internal sealed class OutsideProxy(Func<IWebProxy> hosts) : IWebProxy
{
    public ICredentials? Credentials
    {
        get => hosts().Credentials;
        set => hosts().Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : hosts().GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || hosts().IsBypassed(host);
}
