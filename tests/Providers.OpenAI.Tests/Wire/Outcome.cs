using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.OpenAI.Tests.Wire;

/// <summary>What came of an exchange, compared with what expected.json says.</summary>
internal sealed class Outcome
{
    public string? Text { get; set; }

    public IReadOnlyList<AIContent> Contents { get; set; } = [];

    public string? Finish { get; set; }

    public UsageDetails? Usage { get; set; }

    public string? RequestId { get; set; }

    public ProviderFailure? Failure { get; set; }

    public IReadOnlyList<float[]> Vectors { get; set; } = [];

    public void Check(JsonElement expected)
    {
        foreach (JsonProperty property in expected.EnumerateObject())
        {
            Check(property.Name, property.Value, expected);
        }

        if (!expected.TryGetProperty("class", out _))
        {
            Failure.Should().BeNull();
        }
    }

    private void Check(string name, JsonElement value, JsonElement all)
    {
        switch (name)
        {
            case "file" or "midStream":
                break;
            case "request_id":
                RequestId.Should().Be(value.GetString());
                break;
            case "text":
                Text.Should().Be(value.GetString());
                break;
            case "reasoning":
                string.Concat(Contents.OfType<TextReasoningContent>().Select(c => c.Text)).Should().Be(value.GetString());
                break;
            case "refusal":
                Contents.OfType<ErrorContent>().Should().ContainSingle().Which.Message.Should().Be(value.GetString());
                break;
            case "finish":
                Finish.Should().Be(value.GetString());
                break;
            case "usage":
                Usage!.InputTokenCount.Should().Be(value.GetProperty("in").GetInt64());
                (Usage.OutputTokenCount ?? 0).Should().Be(value.GetProperty("out").GetInt64());
                break;
            case "cached":
                Usage!.CachedInputTokenCount.Should().Be(value.GetInt64());
                break;
            case "class" when all.TryGetProperty("finish", out _):
                Failure.Should().BeNull("a filtered answer passes with its finish reason");
                break;
            case "class":
                Failure.Should().NotBeNull();
                Failure!.Kind.ToString().Should().Be(value.GetString());
                break;
            case "retryAfterMs":
                Failure!.RetryAfter.Should().Be(TimeSpan.FromMilliseconds(value.GetDouble()));
                break;
            case "calls":
                Contents.OfType<FunctionCallContent>().Select(c => (c.CallId, c.Name)).Should().Equal(value.EnumerateArray().Select(c => (c[0].GetString()!, c[1].GetString()!)));
                Contents.OfType<FunctionCallContent>().Select(c => c.Arguments!["city"]!.ToString()).Should().Equal(value.EnumerateArray().Select(c => c[2].GetProperty("city").GetString()));
                break;
            case "vectors":
                Vectors.Should().HaveCount(value.GetInt32());
                break;
            case "dims":
                Vectors.Should().OnlyContain(v => v.Length == value.GetInt32());
                break;
            case "first":
                Vectors[0].Should().Equal(value.EnumerateArray().Select(e => e.GetSingle()));
                break;
            default:
                Assert.Fail($"expected.json says '{name}', which is not compared.");
                break;
        }
    }
}
