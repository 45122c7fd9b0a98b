using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.Reading;

/// <summary>Reads JSON strictly: one value, valid UTF-8, no duplicate names, no half surrogates; and says where it goes wrong.</summary>
internal static class JsonText
{
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static T Parse<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        CheckText(body);
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new ApiException("invalid_json", "The body is null; this request takes a JSON object.");
        }
        catch (JsonException e)
        {
            throw Explain(e);
        }
        catch (InvalidOperationException e)
        {
            throw new ApiException(new ApiError("invalid_json", "The body has text that is not valid Unicode."), e);
        }
    }

    /// <summary>Refuses what the reader lets pass where a value is kept as it is: broken UTF-8 and half surrogates.</summary>
    public static void CheckText(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            throw new ApiException("invalid_json", "The body is not valid UTF-8.");
        }

        if (body.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        try
        {
            Utf8JsonReader reader = new(body, new JsonReaderOptions { MaxDepth = 64 });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }
        }
        catch (JsonException e)
        {
            throw Explain(e);
        }
        catch (InvalidOperationException e)
        {
            throw new ApiException(new ApiError("invalid_json", "The body has text that is not valid Unicode: half of a surrogate pair."), e);
        }
    }

    /// <summary>Says where, and not what: the reader's own message quotes the body and our types.</summary>
    private static ApiException Explain(JsonException e)
    {
        string where = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
        string pointer = Pointers.Of(e.Path);
        string what = e.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "The body has a property that this request does not know"
            : e.Message.Contains("uplicate", StringComparison.Ordinal) ? "The body names a property twice"
            : e.Message.Contains("missing required", StringComparison.Ordinal) ? Missing(e.Message)
            : e.Message.Contains("maximum configured depth", StringComparison.Ordinal) ? "The body is nested too deeply"
            : e.Message.Contains("depth to be zero", StringComparison.Ordinal) ? "The body ends within an object or a list"
            : e.Message.Contains("could not be converted", StringComparison.Ordinal) ? "A value has the wrong type"
            : "The body is not valid JSON";
        string detail = pointer.Length > 0 ? $"{what}, at {pointer}{where}." : $"{what}{where}.";
        return new ApiException(new ApiError("invalid_json", detail) { Errors = [new ApiErrorItem(pointer, what + ".")], Parameter = pointer.Length > 0 ? pointer.Trim('/').Replace('/', '.') : null }, e);
    }

    private static string Missing(string message)
    {
        int at = message.LastIndexOf(':');
        return $"The body lacks {(at > 0 ? message[(at + 1)..].Trim().TrimEnd('.') : "a property that is required")}";
    }
}
