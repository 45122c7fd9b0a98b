using System.IO.Compression;
using System.Text;

namespace Providers.Http.Tests;

/// <summary>Servers that speak something else, too much, or out of turn.</summary>
public sealed class HostileTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("HTTP/1.1 banana\r\n\r\n")]
    public async Task Server_ThatSpeaksSomethingElse_IsInvalidAndNamesTheOption(string greeting)
    {
        await using RawServer server = new(greeting + new string('\n', 10));
        ProviderFailure failure = await FailAsync(server);
        failure.Kind.Should().Be(FailureKind.InvalidResponse);
        failure.Message.Should().Contain("HTTP").And.Contain("Endpoint");
    }

    [Fact]
    public async Task Headers_WithoutEnd_AreGivenUp()
    {
        await using RawServer server = new(async (stream, _, stop) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Ok), stop);
            byte[] header = Encoding.ASCII.GetBytes($"X-Filler: {new string('x', 4_000)}\r\n");
            while (true)
            {
                await stream.WriteAsync(header, stop);
            }
        });
        (await FailAsync(server)).Kind.Should().Be(FailureKind.InvalidResponse);
    }

    [Fact]
    public async Task Body_ThatUnpacksToMoreThanIsRead_IsRefused()
    {
        await using RawServer server = Packed(Encoding.ASCII.GetBytes($"\"{new string('x', 8 << 20)}\""));
        ProviderFailure failure = await FailAsync(server, new GuardOptions { MaxBody = 1 << 20 });
        failure.Kind.Should().Be(FailureKind.InvalidResponse);
        failure.Message.Should().Contain("1 MiB");
    }

    [Fact]
    public async Task Body_ThatIsPacked_IsUnpacked()
    {
        await using RawServer server = Packed("{\"a\":1}"u8.ToArray());
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions());
        (await client.GetStringAsync(server.Address, Stop)).Should().Be("{\"a\":1}");
    }

    [Fact]
    public async Task Body_ThatCannotBeUnpacked_IsInvalid()
    {
        await using RawServer server = new($"{Ok}Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\n{{\"a\":1}}");
        (await FailAsync(server)).Kind.Should().Be(FailureKind.InvalidResponse);
    }

    [Fact]
    public async Task Chunks_OutOfShape_LoseTheAnswer()
    {
        await using RawServer server = new($"{Ok}Transfer-Encoding: chunked\r\n\r\nbanana\r\n");
        (await FailAsync(server)).Kind.Should().Be(FailureKind.ConnectionLost);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using RawServer server = new("HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
        (await FailAsync(server)).Status.Should().Be(307, "a redirect would carry the key elsewhere");
    }

    [Fact]
    public async Task Json_TooDeep_IsInvalid()
    {
        await using RawServer server = new($"HTTP/1.0 200 OK\r\n\r\n{new string('[', 10_000)}{new string(']', 10_000)}");
        (await FailAsync(server)).Kind.Should().Be(FailureKind.InvalidResponse);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 3)]
    public async Task Keys_RefusedOneAfterTheOther_AreRememberedOnlyWhereThereIsAnother(int count, int resting)
    {
        await using RawServer server = new("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
        int asked = 0;
        ApiKeyPool pool = new(_ => new([.. Enumerable.Range(0, count).Select(i => $"key-{(count > 1 ? i : asked++)}")]));
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { Keys = pool });
        for (int i = 0; i < 5; i++)
        {
            await FluentActions.Awaiting(() => client.GetAsync(server.Address, Stop)).Should().ThrowAsync<ProviderException>();
        }

        pool.Resting.Should().Be(resting);
    }

    /// <summary>A secret store that fails, or a file with a line break at its end, is no fault of the server, and says so without the key.</summary>
    [Theory]
    [InlineData("sk-secret\n", FailureKind.AuthFailed, "*line break*nothing was sent*")]
    [InlineData("sk secret", FailureKind.AuthFailed, "*blank*")]
    [InlineData("sk-sécret", FailureKind.AuthFailed, "*outside ASCII*")]
    [InlineData("", FailureKind.AuthFailed, "*empty*")]
    [InlineData(null, FailureKind.Transient, "*could not be read (IOException)*nothing was sent*")]
    public async Task Key_ThatCannotBeSentOrRead_FailsBeforeAnythingIsSent(string? key, FailureKind kind, string message)
    {
        int asked = 0;
        await using RawServer server = new(async (_, _, _) => await Task.FromResult(++asked));
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { Keys = new ApiKeyPool(_ => key is null ? throw new IOException("no such secret: sk-secret") : new([key])) });
        ProviderException error = (await FluentActions.Awaiting(() => client.GetAsync(server.Address, Stop)).Should().ThrowAsync<ProviderException>().WithMessage(message)).Which;
        error.Kind.Should().Be(kind);
        error.Message.Should().NotContain("secret");
        asked.Should().Be(0);
    }

    [Theory]
    [InlineData("http:///v1")]
    [InlineData("")]
    [InlineData(null)]
    public void Endpoint_WithoutAHost_IsWrong(string? address)
    {
        Uri? endpoint = address is null ? null : Uri.TryCreate(address, UriKind.RelativeOrAbsolute, out Uri? made) ? made : null;
        EndpointPolicy.Check(endpoint, "Endpoint").Should().StartWith("Endpoint");
    }

    private static RawServer Packed(byte[] body) => new(async (stream, _, stop) =>
    {
        using MemoryStream packed = new();
        await using (GZipStream zip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await zip.WriteAsync(body, stop);
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{Ok}Content-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n"), stop);
        await stream.WriteAsync(packed.ToArray(), stop);
    });

    private static async Task<ProviderFailure> FailAsync(RawServer server, GuardOptions? options = null)
    {
        using HttpClient client = GuardedHttp.CreateClient(options ?? new GuardOptions());
        return (await FluentActions.Awaiting(() => client.PostAsync(server.Address, new StringContent("{}"), Stop)).Should().ThrowAsync<ProviderException>()).Which.Failure;
    }
}
