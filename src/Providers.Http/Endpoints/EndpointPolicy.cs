using System.Net;
using System.Net.Sockets;

namespace Providers.Http;

/// <summary>Which addresses a provider may have.</summary>
public static class EndpointPolicy
{
    /// <summary>Says what is wrong with an address.</summary>
    /// <param name="endpoint">The address; <see langword="null"/> is wrong.</param>
    /// <param name="key">The configuration key, put before the message.</param>
    /// <returns>The error, without the address's user information; <see langword="null"/> when there is none.</returns>
    public static string? Check(Uri? endpoint, string key) =>
        endpoint is null ? $"{key} is missing; give an absolute http or https address."
        : !endpoint.IsAbsoluteUri ? $"{key} is not an absolute address; start it with http:// or https://."
        : endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps ? $"{key} has the scheme '{endpoint.Scheme}'; only http and https are spoken."
        : endpoint.UserInfo.Length > 0 ? $"{key} carries user information; put the key into the key's own option, where it is kept out of logs."
        : endpoint.Host.Length == 0 ? $"{key} names no host."
        : null;

    /// <summary>Says whether an address is loopback, link-local or private, so that requests to it stay in networks the host's owner runs.</summary>
    /// <param name="address">The address.</param>
    /// <returns><see langword="true"/> when it is.</returns>
    public static bool IsPrivate(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.IsLoopback(plain))
        {
            return true;
        }

        if (plain.AddressFamily is AddressFamily.InterNetworkV6)
        {
            return plain.IsIPv6LinkLocal || plain.IsIPv6UniqueLocal;
        }

        ReadOnlySpan<byte> b = plain.GetAddressBytes();
        return b[0] is 10 || (b[0] is 172 && b[1] is >= 16 and <= 31) || (b[0] is 192 && b[1] is 168) || (b[0] is 169 && b[1] is 254);
    }
}
