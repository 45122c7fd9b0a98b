using System.Net;
using System.Net.Sockets;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.OpenAI;

/// <summary>
/// Which addresses of images are passed on. This door fetches none, but a model server of the host's own might: an address must not
/// lead it to machines that the caller cannot reach itself.
/// </summary>
internal static class ImageAddress
{
    public static void Check(string url, string path)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttps || uri.UserInfo.Length > 0 || uri.Port != 443 || IsInternal(uri))
        {
            throw new ApiException("invalid_request", "An image must be a data: URI, or an https: address of a public host without user name and port.", path);
        }
    }

    private static bool IsInternal(Uri uri)
    {
        string host = uri.IdnHost.TrimEnd('.');
        if (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address))
        {
            return !IsPublic(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        }

        return !host.Contains('.', StringComparison.Ordinal)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".local", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".internal", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily is AddressFamily.InterNetworkV6)
        {
            ReadOnlySpan<byte> six = address.GetAddressBytes();
            return !(IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal || address.IsIPv6Multicast
                || address.IsIPv6Teredo
                || !six[..12].ContainsAnyExcept((byte)0) || six.StartsWith((ReadOnlySpan<byte>)[0x20, 0x02]) || six.StartsWith((ReadOnlySpan<byte>)[0, 0x64, 0xff, 0x9b])); // these carry an address of IPv4
        }

        Span<byte> b = stackalloc byte[4];
        address.TryWriteBytes(b, out _);
        return b[0] switch
        {
            0 or 10 or 127 or >= 224 => false,
            100 => b[1] is < 64 or > 127,
            169 => b[1] is not 254,
            172 => b[1] is < 16 or > 31,
            192 => b[1] is not 168 && !(b[1] is 0 && b[2] is 0 or 2),
            198 => b[1] is not (18 or 19),
            _ => true,
        };
    }
}
