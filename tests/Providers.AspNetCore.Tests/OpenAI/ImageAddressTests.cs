using Providers.AspNetCore.Errors;
using Providers.AspNetCore.OpenAI;

namespace Providers.AspNetCore.Tests.OpenAI;

/// <summary>Addresses of images that are passed on, and those that would lead a model server where the caller cannot go. Nothing is fetched.</summary>
public sealed class ImageAddressTests
{
    [Theory]
    [InlineData("https://example.com/a.png")]
    [InlineData("https://example.com:443/a.png")]
    [InlineData("https://8.8.8.8/a.png")]
    [InlineData("https://100.63.0.1/a.png")]
    [InlineData("https://100.128.0.1/a.png")]
    [InlineData("https://169.253.0.1/a.png")]
    [InlineData("https://172.15.0.1/a.png")]
    [InlineData("https://172.32.0.1/a.png")]
    [InlineData("https://192.0.1.1/a.png")]
    [InlineData("https://192.1.0.1/a.png")]
    [InlineData("https://198.17.0.1/a.png")]
    [InlineData("https://198.20.0.1/a.png")]
    [InlineData("https://223.255.255.255/a.png")]
    [InlineData("https://[2606:4700::1111]/a.png")]
    public void Address_OfAPublicHost_IsPassedOn(string url) => FluentActions.Invoking(() => ImageAddress.Check(url, "p")).Should().NotThrow();

    [Theory]
    [InlineData("a.png")]
    [InlineData("http://example.com/a.png")]
    [InlineData("ftp://example.com/a.png")]
    [InlineData("https://user@example.com/a.png")]
    [InlineData("https://example.com:8443/a.png")]
    [InlineData("https://intranet/a.png")]
    [InlineData("https://x.localhost/a.png")]
    [InlineData("https://printer.local/a.png")]
    [InlineData("https://metadata.google.internal/a.png")]
    [InlineData("https://metadata.google.internal./a.png")]
    [InlineData("https://0.0.0.0/a.png")]
    [InlineData("https://10.1.2.3/a.png")]
    [InlineData("https://127.0.0.1/a.png")]
    [InlineData("https://2130706433/a.png")]
    [InlineData("https://0x7f.1/a.png")]
    [InlineData("https://100.64.0.1/a.png")]
    [InlineData("https://100.127.0.1/a.png")]
    [InlineData("https://169.254.169.254/a.png")]
    [InlineData("https://172.16.0.1/a.png")]
    [InlineData("https://172.31.0.1/a.png")]
    [InlineData("https://192.168.0.1/a.png")]
    [InlineData("https://192.0.0.1/a.png")]
    [InlineData("https://192.0.2.1/a.png")]
    [InlineData("https://198.18.0.1/a.png")]
    [InlineData("https://198.19.0.1/a.png")]
    [InlineData("https://224.0.0.1/a.png")]
    [InlineData("https://255.255.255.255/a.png")]
    [InlineData("https://[::]/a.png")]
    [InlineData("https://[::1]/a.png")]
    [InlineData("https://[::ffff:127.0.0.1]/a.png")]
    [InlineData("https://[::ffff:a9fe:a9fe]/a.png")]
    [InlineData("https://[fe80::1]/a.png")]
    [InlineData("https://[fc00::1]/a.png")]
    [InlineData("https://[fec0::1]/a.png")]
    [InlineData("https://[ff02::1]/a.png")]
    [InlineData("https://[2001:0:4136:e378::1]/a.png")]
    [InlineData("https://[::127.0.0.1]/a.png")]
    [InlineData("https://[64:ff9b::a9fe:a9fe]/a.png")]
    [InlineData("https://[2002:a9fe:a9fe::1]/a.png")]
    public void Address_OfAnythingElse_IsRefusedWithItsPlace(string url) =>
        FluentActions.Invoking(() => ImageAddress.Check(url, "messages.0.content")).Should().Throw<ApiException>().Which.Error.Should().Match<ApiError>(static e => e.Code == "invalid_request" && e.Parameter == "messages.0.content");
}
