using Microsoft.Extensions.AI;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.OpenAI;

/// <summary>Makes one content of one part: text, image, audio, file.</summary>
internal static class PartReader
{
    public static AIContent Read(WirePart? part, string path) => part switch
    {
        { Type: "text", Text: { } text } => new TextContent(text),
        { Type: "image_url", ImageUrl: { Url: { } url } image } => Image(url, image.Detail, path + ".image_url.url"),
        { Type: "input_audio", InputAudio: { Data: { } data, Format: { } format } } => Data($"data:audio/{Token(format, path)};base64,{data}", path + ".input_audio.data"),
        { Type: "file", File: { FileData: { } file } wire } => Named(Data(file, path + ".file.file_data"), wire.Filename),
        { Type: "refusal", Refusal: { } refusal } => new TextContent(refusal),
        { Type: "text" or "image_url" or "input_audio" or "file" or "refusal" } => throw new ApiException("invalid_request", "The part lacks what its type promises.", path),
        _ => throw new ApiException("invalid_request", "The part's type must be text, image_url, input_audio, file or refusal.", path + ".type"),
    };

    private static AIContent Image(string url, string? detail, string path)
    {
        AIContent content;
        if (url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            content = Data(url, path);
        }
        else
        {
            ImageAddress.Check(url, path);
            content = new UriContent(new Uri(url, UriKind.Absolute), "image/*");
        }

        if (detail is not null)
        {
            content.AdditionalProperties = new() { ["detail"] = detail };
        }

        return content;
    }

    private static DataContent Data(string uri, string path)
    {
        try
        {
            DataContent content = new(uri);
            _ = content.Data; // decoded here, so that broken base64 is the caller's error and not a provider's
            return content;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new ApiException(new ApiError("invalid_request", "The data URI is malformed.") { Parameter = path, Errors = [new ApiErrorItem(Pointers.Of(path), "Malformed data URI.")] }, e);
        }
    }

    private static DataContent Named(DataContent content, string? name)
    {
        content.Name = name;
        return content;
    }

    private static string Token(string format, string path) => format is "wav" or "mp3" or "flac" or "opus" or "aac" or "ogg"
        ? format
        : throw new ApiException("invalid_request", "The audio format must be wav, mp3, flac, opus, aac or ogg.", path + ".input_audio.format");
}
