using System.Text;

namespace Providers.OpenAI.Tests.Embeddings;

public sealed class EmbeddingReaderTests
{
    [Fact]
    public void Read_NumbersOutOfOrder_ArePlacedByIndex()
    {
        EmbeddingAnswer answer = Read("""{"object":"list","model":"m","data":[{"index":1,"embedding":[3,4]},{"embedding":[1,2],"index":0}],"usage":{"prompt_tokens":5,"total_tokens":6,"details":{"x":[1]}}}""", 2);
        answer.Vectors[0].Should().Equal(1f, 2f);
        answer.Vectors[1].Should().Equal(3f, 4f);
        (answer.Model, answer.InputTokens, answer.TotalTokens).Should().Be(("m", 5, 6));
    }

    [Fact]
    public void Read_WithoutIndexModelAndUsage_GoesByPlace()
    {
        EmbeddingAnswer answer = Read("""{"data":[{"embedding":[1]},{"embedding":[2]}],"model":null,"usage":null,"extra":{"a":[{}]}}""", 2);
        answer.Vectors.Select(v => v[0]).Should().Equal(1f, 2f);
        (answer.Model, answer.InputTokens, answer.TotalTokens).Should().Be((null, null, null));
    }

    [Fact]
    public void Read_Base64_IsLittleEndian() =>
        Read("""{"data":[{"index":0,"embedding":"mpkZP83MTD8=","object":"embedding"}]}""", 1).Vectors[0].Should().Equal(0.6f, 0.8f);

    [Theory]
    [InlineData("""{"data":[{"index":0,"embedding":[1]}]}""", 2, "*1 embeddings for 2*")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]},{"index":2,"embedding":[1]}]}""", 2, "*3 embeddings for 2*")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}""", 2, "*index 0*twice*")]
    [InlineData("""{"data":[{"index":5,"embedding":[1]}]}""", 1, "*index 5*")]
    [InlineData("""{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1]}]}""", 2, "*1 dimensions*2*")]
    [InlineData("""{"data":[{"index":0,"embedding":[]}]}""", 1, "*empty*")]
    [InlineData("""{"data":[{"index":0}]}""", 1, "*empty*")]
    [InlineData("""{"data":[{"index":0,"embedding":null}]}""", 1, "*Null*")]
    [InlineData("""{"data":[{"index":0,"embedding":[null]}]}""", 1, "*not a list*")]
    [InlineData("""{"data":[{"index":0,"embedding":"AAAA"}]}""", 1, "*3 bytes*")]
    [InlineData("""{"data":[{"index":0,"embedding":"AADAfw=="}]}""", 1, "*not a finite*")]
    [InlineData("""{"data":[{"index":0,"embedding":"!!"}]}""", 1, "*not a list*")]
    [InlineData("""{"data":[{"index":"x","embedding":[1]}]}""", 1, "*not a list*")]
    [InlineData("""{"data":7}""", 1, "*not a list*")]
    [InlineData("""{"data":[{"index":0,"embedding":[1""", 1, "*not a list*")]
    [InlineData("""{}""", 1, "*no list*")]
    [InlineData("""[]""", 1, "*not a list*")]
    [InlineData("", 1, "*not a list*")]
    [InlineData("<html>", 1, "*not a list*")]
    public void Read_AnythingElse_SaysWhatIsWrong(string json, int count, string message) =>
        FluentActions.Invoking(() => Read(json, count)).Should().Throw<InvalidDataException>().WithMessage(message);

    [Fact]
    public void Read_BrokenUtf8_IsRefused()
    {
        byte[] json = [.. "{\"model\":\""u8, 0xC3, 0x28, 0xFF, .. "\",\"data\":[]}"u8];
        FluentActions.Invoking(() => EmbeddingReader.Read(json, 1)).Should().Throw<InvalidDataException>();
    }

    private static EmbeddingAnswer Read(string json, int count) => EmbeddingReader.Read(Encoding.UTF8.GetBytes(json), count);
}
