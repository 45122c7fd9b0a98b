using System.Text;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Memories;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Tests.Reading;

/// <summary>What is wrong with a body is told by where it is, in words of ours: the reader's would quote the body and our types.</summary>
public sealed class JsonTextTests
{
    [Theory]
    [InlineData("{", "The body ends within an object or a list (line 1, byte 2).", "")]
    [InlineData("{\"text\":\"a\",\"tags\":[\"b\"", "The body ends within an object or a list, at /tags/1 (line 1, byte 24).", "/tags/1")]
    [InlineData("{\n  \"text\": nothing}", "The body is not valid JSON, at /text (line 2, byte 12).", "/text")]
    [InlineData("{\"text\":\"a\",\"isAdmin\":true}", "The body has a property that this request does not know, at /isAdmin (line 1, byte 23).", "/isAdmin")]
    [InlineData("{\"text\":\"a\",\n\"text\":\"b\"}", "The body names a property twice, at /text (line 2, byte 8).", "/text")]
    [InlineData("{\"kind\":\"note\"}", "The body lacks 'text' (line 1, byte 16).", "")]
    [InlineData("{\"text\":5}", "A value has the wrong type, at /text (line 1, byte 10).", "/text")]
    [InlineData("{\"text\":\"a\",\"tags\":[\"x\",7]}", "A value has the wrong type, at /tags/1 (line 1, byte 26).", "/tags/1")]
    [InlineData("[1]", "A value has the wrong type (line 1, byte 2).", "")]
    [InlineData("null", "The body is null; this request takes a JSON object.", null)]
    [InlineData("{\"text\":\"a\"} {}", "The body is not valid JSON (line 1, byte 14).", "")]
    public void Parse_OfAWrongBody_SaysWhatAndWhere(string body, string detail, string? at)
    {
        ApiError error = Refused(() => JsonText.Parse(Encoding.UTF8.GetBytes(body), MemoryJson.Default.MemoryBody));
        (error.Code, error.Detail).Should().Be(("invalid_json", detail));
        error.Parameter.Should().Be(string.IsNullOrEmpty(at) ? null : at[1..].Replace('/', '.'));
        if (at is not null)
        {
            (error.Errors.Single().Pointer, error.Errors.Single().Detail).Should().Be((at, detail.Split([", at ", " (line"], StringSplitOptions.None)[0].TrimEnd('.') + "."));
        }
    }

    [Fact]
    public void Parse_OfADeepBody_SaysSo()
    {
        string deep = $"{{\"text\":\"a\",\"metadata\":{string.Concat(Enumerable.Repeat("{\"a\":", 70))}1{new string('}', 71)}";
        Refused(() => JsonText.Parse(Encoding.UTF8.GetBytes(deep), MemoryJson.Default.MemoryBody)).Detail.Should().StartWith("The body is nested too deeply, at /metadata (line 1, byte ");
    }

    [Fact]
    public void Parse_OfTextThatIsNone_SaysSo()
    {
        Refused(() => JsonText.Parse([.. "{\"text\":\""u8, 0xFF, .. "\"}"u8], MemoryJson.Default.MemoryBody)).Detail.Should().Be("The body is not valid UTF-8.");
        Refused(() => JsonText.Parse("{\"text\":\"\\ud800\"}"u8, MemoryJson.Default.MemoryBody)).Detail.Should().Be("The body has text that is not valid Unicode: half of a surrogate pair.");
        Refused(() => JsonText.Parse("{\"text\":\"a\",\"\\udc00\":1}"u8, MemoryJson.Default.MemoryBody)).Detail.Should().Be("The body has text that is not valid Unicode: half of a surrogate pair.");
        Refused(() => JsonText.CheckText("{\"text\":\"\\u00e9\" oops}"u8)).Detail.Should().StartWith("The body is not valid JSON");
        JsonText.Parse("{\"text\":\"\\ud83d\\ude00\"}"u8, MemoryJson.Default.MemoryBody).Text.Should().Be("😀");
    }

    private static ApiError Refused(Action read) => FluentActions.Invoking(read).Should().Throw<ApiException>().Which.Error;
}
