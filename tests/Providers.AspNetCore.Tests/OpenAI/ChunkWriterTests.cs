using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.AspNetCore.OpenAI;

namespace Providers.AspNetCore.Tests.OpenAI;

/// <summary>Chunks of text that needs no escaping are written another way than all others; a client must not see which.</summary>
public sealed class ChunkWriterTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("§ 5 © \u007f\u0080")]
    [InlineData(" ~!#$%&'()*+,-./:;<=>?@[]^_`{|}")]
    [InlineData("quote \" and back \\")]
    [InlineData("line \n tab \t nul \0 del \u007f")]
    [InlineData("Høy 🙂")]
    public void Text_AfterTheFirst_IsWrittenAsTheFirst(string text)
    {
        JsonElement[] chunks = Write(Update(text), Update(text), Update(text));
        foreach (JsonElement chunk in chunks)
        {
            chunk.GetProperty("id").GetString().Should().Be("chatcmpl-\"1\"");
            chunk.GetProperty("object").GetString().Should().Be("chat.completion.chunk");
            chunk.GetProperty("created").GetInt64().Should().Be(7);
            chunk.GetProperty("model").GetString().Should().Be("m");
            JsonElement choice = chunk.GetProperty("choices").EnumerateArray().Single();
            choice.GetProperty("index").GetInt32().Should().Be(0);
            choice.GetProperty("delta").GetProperty("content").GetString().Should().Be(text);
            choice.GetProperty("logprobs").ValueKind.Should().Be(JsonValueKind.Null);
            choice.GetProperty("finish_reason").ValueKind.Should().Be(JsonValueKind.Null);
        }

        chunks.Select(static c => c.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("role", out _)).Should().Equal(true, false, false);
        chunks[2].GetRawText().Should().Be(chunks[1].GetRawText());
    }

    [Fact]
    public void Model_ThatChanges_IsNamedFromThereOn() =>
        Write(Update("a"), Update("b"), Update("c", "n"), Update("d", "n")).Select(static c => c.GetProperty("model").GetString()).Should().Equal("m", "m", "n", "n");

    [Fact]
    public void Text_WithLogProbabilities_KeepsThem()
    {
        ChatResponseUpdate update = Update("b");
        update.AdditionalProperties = new() { ["logprobs"] = JsonElement.Parse("{\"content\":[]}") };
        Write(Update("a"), update)[1].GetProperty("choices")[0].GetProperty("logprobs").GetRawText().Should().Be("{\"content\":[]}");
    }

    private static ChatResponseUpdate Update(string text, string model = "m") => new(ChatRole.Assistant, text) { ModelId = model };

    private static JsonElement[] Write(params ChatResponseUpdate[] updates)
    {
        ArrayBufferWriter<byte> output = new();
        using ChunkWriter writer = new(output);
        writer.Begin("chatcmpl-\"1\"", "m", 7);
        foreach (ChatResponseUpdate update in updates)
        {
            writer.Write(update).Should().BeTrue();
        }

        return [.. Encoding.UTF8.GetString(output.WrittenSpan).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static e => JsonElement.Parse(e["data: ".Length..]))];
    }
}
