using System.Text.Json.Serialization;

namespace Providers.AspNetCore.OpenAI;

/// <summary>A message of a chat.</summary>
internal sealed class WireMessage
{
    [JsonRequired]
    public string? Role { get; init; }

    [JsonConverter(typeof(WireContentConverter))]
    public List<WirePart>? Content { get; init; }

    public string? Name { get; init; }

    public string? ToolCallId { get; init; }

    public List<WireToolCall>? ToolCalls { get; init; }

    public string? Refusal { get; init; }

    public string? ReasoningContent { get; init; }
}

/// <summary>A part of a message's content; a plain string is one text part.</summary>
internal sealed class WirePart
{
    [JsonRequired]
    public string? Type { get; init; }

    public string? Text { get; init; }

    public WireImageUrl? ImageUrl { get; init; }

    public WireAudio? InputAudio { get; init; }

    public WireFile? File { get; init; }

    public string? Refusal { get; init; }
}

internal sealed class WireImageUrl
{
    [JsonRequired]
    public string? Url { get; init; }

    public string? Detail { get; init; }
}

internal sealed class WireAudio
{
    [JsonRequired]
    public string? Data { get; init; }

    [JsonRequired]
    public string? Format { get; init; }
}

internal sealed class WireFile
{
    public string? FileData { get; init; }

    public string? Filename { get; init; }
}

internal sealed class WireToolCall
{
    [JsonRequired]
    public string? Id { get; init; }

    public string? Type { get; init; }

    [JsonRequired]
    public WireCalledFunction? Function { get; init; }
}

internal sealed class WireCalledFunction
{
    [JsonRequired]
    public string? Name { get; init; }

    public string? Arguments { get; init; }
}
