using System.Text;

namespace Providers.Memory.Tests.Folding;

/// <summary>Words are the same in a host with ICU and in one without, and what they were with ICU before the suite had a table of its own.</summary>
public sealed class FoldingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("folding").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("caf\u00e9 CAF\u00c9 cafe\u0301", "cafe cafe cafe")]
    [InlineData("\u1e69 s\u0323\u0307 \u01d6 \u00c5 \u212b \u0130", "s s u a a i")]
    [InlineData("\u00f8 \u0111 \u0142 \u00df \u00e6", "\u00f8 \u0111 \u0142 \u00df \u00e6")]
    [InlineData("\u0439 \u0438\u0306 \u0451", "\u0438 \u0438 \u0435")]
    [InlineData("\u0391\u03b8\u03ae\u03bd\u03b1 \u1f08\u03b8\u03b7\u03bd\u1fb7", "\u03b1\u03b8\u03b7\u03bd\u03b1 \u03b1\u03b8\u03b7\u03bd\u03b1")]
    [InlineData("\uac01 \u1100\u1161\u11a8 \uac00", "\u1100\u1161\u11a8 \u1100\u1161\u11a8 \u1100\u1161")]
    [InlineData("\u304c \u304b\u3099", "\u304b \u304b")]
    [InlineData("a\ud800b \ufffe c\uffff", "a b c")]
    public void Words_ComposedAndNot_Meet(string text, string words)
    {
        Unicode.Normalizes.Should().BeFalse("the tests run as a host with InvariantGlobalization does");
        string.Join(' ', Words.Of(text)).Should().Be(words);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("One, two!", "One|two")]
    [InlineData("\u0301e\u0301te\u0301 \u043c\u043e\u0439\u2014\ud835\udd18x", "e\u0301te\u0301|\u043c\u043e\u0439|\ud835\udd18x")]
    [InlineData("a\ud800b", "a|b")]
    public void Words_AsWritten_KeepTheirMarks(string text, string words) => string.Join('|', Words.AsWritten(text)).Should().Be(words);

    [Fact]
    public async Task Words_WithIcuAndWithout_AreTheSameForEveryCharacterAndTheTableIsUnicodes()
    {
        if (await OtherHost.AskAsync(_folder) is null)
        {
            Assert.Skip("There is no ICU on this machine to hold the table against.");
        }

        string Reported(string name) => File.ReadAllText(Path.Combine(_folder, name), Encoding.UTF8);
        Reported("mode").Should().Be("icu");
        if (Environment.GetEnvironmentVariable("FOLDING_TABLE") is { Length: > 0 } path)
        {
            File.Copy(Path.Combine(_folder, "table"), path, overwrite: true);
        }

        Reported("others").Should().BeEmpty("what was stored by hosts with ICU must be found; FOLDING_TABLE, the full path of Decomposition.Table.cs, has the table written anew");
        Reported("words").Split('\n').Should().Equal(OtherHost.Digests().Split('\n'), "the mode of a host is nothing that memories should know");
    }
}
