namespace Providers.OpenAI.Tests.Options;

public sealed class OptionsCheckTests
{
    private static OpenAIProviderOptions Good => new() { Endpoint = new Uri("http://127.0.0.1:8000/v1") };

    public static TheoryData<string, Action<OpenAIProviderOptions>> Mistakes => new()
    {
        { "Endpoint", o => o.Endpoint = null! },
        { "Endpoint", o => o.Endpoint = new Uri("v1", UriKind.Relative) },
        { "Endpoint", o => o.Endpoint = new Uri("ftp://127.0.0.1/v1") },
        { "Endpoint", o => o.Endpoint = new Uri("http://me:secret@127.0.0.1/v1") },
        { "Endpoint", o => o.Endpoint = new Uri("http://127.0.0.1/v1#top") },
        { "Profile", o => o.Profile = (OpenAIServerProfile)17 },
        { "ApiKey", o => o.ApiKey = "" },
        { "ApiKey", o => o.ApiKey = "secret\r\nX-Evil: 1" },
        { "ApiKey", o => o.ApiKey = "schlüssel-secret" },
        { "ApiKeys:1", o => { o.ApiKeys.Add("one"); o.ApiKeys.Add("secret two"); } },
        { "ApiKeys:0", o => o.ApiKeys.Add(null!) },
        { "ApiKeyHeader", o => o.ApiKeyHeader = "X Key:" },
        { "ApiKeyHeader", o => o.ApiKeyHeader = "" },
        { "Organization", o => o.Organization = "a\nb" },
        { "Project", o => o.Project = " " },
        { "Models:x:ContextWindow", o => o.Models["x"] = new ModelOptions { ContextWindow = 0 } },
        { "Models:x", o => o.Models["x"] = null! },
        { "Models", o => o.Models[" "] = new ModelOptions() },
        { "DefaultModel", o => o.DefaultModel = " " },
        { "ConnectTimeout", o => o.ConnectTimeout = TimeSpan.Zero },
        { "ConnectTimeout", o => o.ConnectTimeout = TimeSpan.FromMinutes(6) },
        { "FirstByteTimeout", o => o.FirstByteTimeout = TimeSpan.FromMilliseconds(-1) },
        { "IdleTimeout", o => o.IdleTimeout = TimeSpan.FromDays(2) },
        { "MaxConnections", o => o.MaxConnections = 0 },
        { "MaxConnections", o => o.MaxConnections = 10_001 },
        { "EmbeddingBatchSize", o => o.EmbeddingBatchSize = 2_049 },
        { "ApiKey", o => { o.Endpoint = new Uri("https://api.openai.com/v1"); } },
        { "ApiKey", o => { o.Profile = OpenAIServerProfile.Azure; } },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Errors_OneMistake_GivesOneMessageThatStartsWithItsKey(string key, Action<OpenAIProviderOptions> mistake)
    {
        OpenAIProviderOptions options = Good;
        mistake(options);
        OpenAIOptionsCheck.Errors(options).Should().ContainSingle().Which.Should().StartWith(key).And.NotContain("secret");
    }

    [Fact]
    public void Errors_GoodOptions_AreNone() => OpenAIOptionsCheck.Errors(Good).Should().BeEmpty();

    [Fact]
    public void Errors_SeveralMistakes_AreAllNamed()
    {
        OpenAIProviderOptions options = new() { MaxConnections = 0, IdleTimeout = TimeSpan.Zero };
        OpenAIOptionsCheck.Errors(options).Should().HaveCount(3); // and the key that OpenAI needs
    }

    [Fact]
    public void Provider_WithWrongOptions_ThrowsAllOfThem()
    {
        Action act = () => _ = new OpenAIProvider("x", new OpenAIProviderOptions { MaxConnections = 0 });
        act.Should().Throw<ArgumentException>().WithMessage("*'x'*ApiKey*MaxConnections*");
    }
}
