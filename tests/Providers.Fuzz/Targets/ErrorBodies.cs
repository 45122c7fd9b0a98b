using Providers.Http;

namespace Providers.Fuzz.Targets;

/// <summary>What servers say when they refuse: JSON of many shapes, text, pages of proxies.</summary>
internal sealed class ErrorBodies : FuzzTarget
{
    public override string Name => "json-errors";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("""{"error":{"message":"Rate limit reached. Please try again in 1.5s.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"""),
        Text("""{"error":"model 'x' not found"}"""),
        Text("""{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.","type":"BadRequestError","code":400}"""),
        Text("""{"detail":[{"loc":["body"],"msg":"field required","type":"value_error"}]}"""),
        Text("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
    ];

    public override Task<bool> ReadAsync(byte[] input)
    {
        WireError error = WireError.Read(input.Length % 200 + 400, System.Text.Encoding.UTF8.GetString(input));
        error.Status.Should().BeInRange(400, 599);
        (error.RetryAfter ?? TimeSpan.Zero).Should().BeGreaterThanOrEqualTo(TimeSpan.Zero);
        return Task.FromResult(true); // whatever it is, it is an error: it is read, never refused
    }
}
