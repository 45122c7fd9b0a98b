using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Memory.Tests;

/// <summary>Personal data is taken out before anything is embedded or stored.</summary>
public sealed class RedactionTests
{
    [Theory]
    [InlineData("write to ola.nordmann+x@mail.example.no today", "write to [email] today")]
    [InlineData("call +47 912 34 567 or 0049 30 1234567", "call [phone] or [phone]")]
    [InlineData("card 4111 1111 1111 1111, not 4111 1111 1111 1112", "card [card], not 4111 1111 1111 1112")]
    [InlineData("pay to DE89 3704 0044 0532 0130 00 BEFORE noon", "pay to [iban] BEFORE noon")]
    [InlineData("pay to DE88 3704 0044 0532 0130 00", "pay to DE88 3704 0044 0532 0130 00")]
    [InlineData("key sk-proj-abcdefghijklmnop1234 and AKIAABCDEFGHIJKLMNOP", "key [secret] and [secret]")]
    [InlineData("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF123-_x", "token [secret]")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIabc+/=\n-----END RSA PRIVATE KEY-----", "[secret]")]
    [InlineData("host 10.0.0.17, version 1.2.3.4.5, 999.1.1.1", "host [ip], version 1.2.3.4.5, 999.1.1.1")]
    [InlineData("the year 2026, 12 eggs at 3.50, room 101, 2026-11-23", "the year 2026, 12 eggs at 3.50, room 101, 2026-11-23")]
    public void Redact_KnowsTheForms(string text, string expected) => new PatternRedactor().Redact(text).Should().Be(expected);

    [Fact]
    public void Redact_OnlyWhatIsAskedFor()
    {
        new PatternRedactor(PersonalData.Email).Redact("a@b.example 10.0.0.1").Should().Be("[email] 10.0.0.1");
        const string nothing = "nothing here";
        new PatternRedactor().Redact(nothing).Should().BeSameAs(nothing);
    }

    [Fact]
    public async Task Redact_OfTextMadeToBeSlow_IsFast()
    {
        PatternRedactor redactor = new();
        foreach (string piece in (string[])["a@", "a.", "1-", "DE00 ", "sk-", "eyJaaaaaaaaa.", "-----BEGIN ", "+47 ", "@@", "0 (", "1.1.1."])
        {
            string text = string.Concat(Enumerable.Repeat(piece, 65_536 / piece.Length));
            await Task.Run(() => redactor.Redact(text)).WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public async Task Redaction_ReachesTextMetadataTagsQueriesAndModel_AndDropsAVectorOfTheOriginal()
    {
        Recorder model = new();
        await using ServiceProvider services = new ServiceCollection().AddMemory().AddMemoryRedaction()
            .AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(model).BuildServiceProvider();
        IMemoryService memory = services.GetRequiredService<IMemoryService>();
        await memory.StoreAsync(Fixture.Scope, new MemoryRecord
        {
            Id = "x",
            Text = "reach me at canary@secret.example",
            Tags = ["canary@secret.example", "plain"],
            Vector = new float[] { 9, 9 },
            VectorSpace = "rec",
            Metadata = System.Text.Json.JsonDocument.Parse("{\"to\":[\"canary@secret.example\",5,{\"canary@secret.example\":null}]}").RootElement,
        });
        await memory.ExecuteAsync(new MemoryTransaction(Fixture.Scope, [new MemoryUpsert(new MemoryRecord { Id = "y", Text = "plain" })]));
        await memory.ExecuteAsync(new MemoryTransaction(Fixture.Scope, [new MemoryPatch("y") { Text = "now canary@secret.example", Tags = ["a"] }, new MemoryDelete("z")]));
        await memory.SearchAsync(Fixture.Scope, new MemoryQuery { Text = "canary@secret.example" });
        model.Texts.Should().NotBeEmpty().And.NotContain(static t => t.Contains("canary"));
        MemoryRecord x = (await memory.Store.GetAsync(Fixture.Scope, "x"))!;
        (x.Text, string.Join(',', x.Tags), x.Metadata!.Value.GetRawText(), x.Vector!.Value.Span[0]).Should().Be(("reach me at [email]", "[email],plain", "{\"to\":[\"[email]\",5,{\"[email]\":null}]}", 1f));
        (await memory.Store.GetAsync(Fixture.Scope, "y"))!.Text.Should().Be("now [email]");
    }

    private sealed class Recorder : IEmbeddingGenerator<string, Embedding<float>>
    {
        public List<string> Texts { get; } = [];

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            string[] texts = [.. values];
            Texts.AddRange(texts);
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(static _ => new Embedding<float>(new float[] { 1, 0 }) { ModelId = "rec" })));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
