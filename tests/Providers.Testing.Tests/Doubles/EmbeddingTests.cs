using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Providers.Testing.Tests.Support;

namespace Providers.Testing.Tests.Doubles;

public sealed class EmbeddingTests
{
    private static readonly string[] Texts = ["the red fox", "the red dog", "quarterly results"];

    [Fact]
    public async Task Hashing_IsUnitLengthDeterministicAndByWords()
    {
        HashingEmbeddingGenerator generator = new(64);
        float[][] v = [.. (await generator.GenerateAsync(Texts)).Select(static e => e.Vector.ToArray())];
        v.Should().OnlyContain(static x => Math.Abs(Dot(x, x) - 1) < 1e-5);
        Dot(v[0], v[1]).Should().BeGreaterThan(Dot(v[0], v[2]));
        new HashingEmbeddingGenerator(64).Embed("The red  FOX.").Should().Equal(v[0]);
        new HashingEmbeddingGenerator(64, space: 1).Embed(Texts[0]).Should().NotEqual(v[0]);
        generator.Embed("").Should().HaveCount(64);
        v.Should().OnlyContain(static x => Math.Abs(x.Count(static c => c > 0) - 32) < 16, "a word points anywhere, so that words of different texts do not lie near each other");
        generator.GetService(typeof(EmbeddingGeneratorMetadata)).Should().BeOfType<EmbeddingGeneratorMetadata>().Which.DefaultModelDimensions.Should().Be(64);
        generator.Dispose();
    }

    [Fact]
    public async Task Scripted_Faults_SpoilVectors()
    {
        ScriptedEmbeddingGenerator generator = new(new HashingEmbeddingGenerator(4));
        generator.Faults.Enqueue(Fault.WrongCount, Fault.WrongDimensions, Fault.NotFinite, Fault.Zero, Fault.Status(503));
        (await generator.GenerateAsync(Texts)).Should().HaveCount(2);
        (await generator.GenerateAsync(Texts))[0].Vector.Length.Should().Be(3);
        float.IsNaN((await generator.GenerateAsync(Texts))[0].Vector.Span[0]).Should().BeTrue();
        (await generator.GenerateAsync(Texts))[0].Vector.ToArray().Should().OnlyContain(static x => x == 0);
        (await Assert.ThrowsAsync<ProviderException>(() => generator.GenerateAsync(Texts))).Kind.Should().Be(FailureKind.Overloaded);
        (await generator.GenerateAsync(Texts)).Should().HaveCount(3);
        generator.Requests.Should().HaveCount(6);
        generator.Requests[5].Completed.Should().BeTrue();
        generator.GetService(typeof(ScriptedEmbeddingGenerator)).Should().BeSameAs(generator);
        generator.Dispose();
    }

    [Fact]
    public async Task Scripted_Delay_ObeysClockAndToken()
    {
        FakeTimeProvider clock = new();
        ScriptedEmbeddingGenerator generator = new(clock: clock);
        generator.Faults.Enqueue(Fault.DelayHeaders(TimeSpan.FromSeconds(5)), Fault.Hang);
        Task<GeneratedEmbeddings<Embedding<float>>> slow = generator.GenerateAsync(Texts);
        slow.IsCompleted.Should().BeFalse();
        clock.Advance(TimeSpan.FromSeconds(5));
        (await slow).Should().HaveCount(3);
        using CancellationTokenSource source = new();
        Task hanging = generator.GenerateAsync(Texts, null, source.Token);
        await generator.WaitForRequestsAsync(2);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        generator.Requests[1].ClientLeft.Should().BeTrue();
    }

    [Fact]
    public async Task Servers_OfOneSpace_GiveTheSameVectors()
    {
        float[] expected = new HashingEmbeddingGenerator(16).Embed(Texts[0]);
        foreach (string wire in new[] { "ollama", "openai", "mlx" })
        {
            await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions { Embeds = true });
            JsonNode answer = await PostAsync(chat, wire, """{"model":"e","input":["the red fox","the red dog"]}""");
            JsonArray vectors = wire == "ollama" ? (JsonArray)answer["embeddings"]! : [.. ((JsonArray)answer["data"]!).Select(static d => d!["embedding"]!.DeepClone())];
            vectors.Should().HaveCount(2);
            ((JsonArray)vectors[0]!).Select(static x => (float)x!).Should().Equal(expected);
        }
    }

    [Fact]
    public async Task OpenAI_Base64AndDimensions_AreHonoured()
    {
        await using Chat chat = await Chat.StartAsync("openai");
        JsonNode answer = await PostAsync(chat, "openai", """{"model":"e","input":"the red fox","encoding_format":"base64","dimensions":4}""");
        float[] vector = MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)answer["data"]![0]!["embedding"]!)).ToArray();
        vector.Should().HaveCount(4);
        Dot(vector, vector).Should().BeApproximately(1, 1e-5);
    }

    [Fact]
    public async Task Servers_EmbeddingFaults_AreOnTheWire()
    {
        await using Chat chat = await Chat.StartAsync("ollama");
        chat.Server.Faults.Enqueue(Fault.WrongCount, Fault.NotFinite, Fault.Zero);
        const string body = """{"model":"e","input":["a","b"]}""";
        ((JsonArray)(await PostAsync(chat, "ollama", body))["embeddings"]!).Should().HaveCount(1);
        (await TextAsync(chat, "/api/embed", body)).Should().Contain("[NaN,");
        (await TextAsync(chat, "/api/embed", body)).Should().Contain("[0,0,");
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, static (x, y) => (double)x * y).Sum();

    private static async Task<JsonNode> PostAsync(Chat chat, string wire, string body) => JsonNode.Parse(await TextAsync(chat, wire == "ollama" ? "/api/embed" : "/v1/embeddings", body))!;

    private static async Task<string> TextAsync(Chat chat, string path, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        return await (await chat.Http.PostAsync(new Uri(path, UriKind.Relative), content)).Content.ReadAsStringAsync();
    }
}
