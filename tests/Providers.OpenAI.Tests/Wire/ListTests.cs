using System.Text;

namespace Providers.OpenAI.Tests.Wire;

public sealed class ListTests
{
    [Theory]
    [InlineData("""{"object":"list","data":[{"id":"a"},{"id":"b"},{"id":"a"},{"id":""}]}""", new[] { "a", "b" })]
    [InlineData("""[{"id":"a"}]""", new[] { "a" })]
    [InlineData("""{"data":[]}""", new string[0])]
    public void Models_List_IsRead(string json, string[] expected) => ModelList.Read(Encoding.UTF8.GetBytes(json)).Should().Equal(expected);

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n")]
    public void Models_EmptyBody_IsAliveWithUnknownList(string body) => ModelList.Read(Encoding.UTF8.GetBytes(body)).Should().BeNull();

    [Theory]
    [InlineData("<html>")]
    [InlineData("""{"models":[]}""")]
    [InlineData("""{"data":[{"name":"a"}]}""")]
    [InlineData("""{"data":7}""")]
    [InlineData("17")]
    public void Models_AnythingElse_IsRefused(string body) =>
        FluentActions.Invoking(() => ModelList.Read(Encoding.UTF8.GetBytes(body))).Should().Throw<InvalidDataException>();

    [Fact]
    public void Rerank_Scores_AreSortedBestFirstAndTiesKeepTheirOrder() =>
        Scores("""{"results":[{"index":2,"relevance_score":0.5},{"index":0,"relevance_score":0.5},{"index":1,"score":0.9}]}""", 3)
            .Should().Equal(new RerankResult(1, 0.9), new RerankResult(0, 0.5), new RerankResult(2, 0.5));

    [Theory]
    [InlineData("""{"results":[{"index":0,"relevance_score":0.5}]}""", 2)]
    [InlineData("""{"results":[{"index":0,"relevance_score":0.5},{"index":0,"relevance_score":0.5}]}""", 2)]
    [InlineData("""{"results":[{"index":9,"relevance_score":0.5}]}""", 1)]
    [InlineData("""{"results":[{"index":-1,"relevance_score":0.5}]}""", 1)]
    [InlineData("""{"results":[{"index":0,"relevance_score":1e999}]}""", 1)]
    [InlineData("""{"results":[{"index":0}]}""", 1)]
    [InlineData("""{"results":{}}""", 1)]
    [InlineData("""{}""", 1)]
    [InlineData("""<html>""", 1)]
    public void Rerank_AnythingElse_IsRefused(string json, int count) =>
        FluentActions.Invoking(() => Scores(json, count)).Should().Throw<InvalidDataException>();

    private static IReadOnlyList<RerankResult> Scores(string json, int count) => RerankWire.Read(Encoding.UTF8.GetBytes(json), count);
}
