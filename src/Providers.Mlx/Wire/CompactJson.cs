using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>Any value as JSON on one line, with the contracts of M.E.AI: what is sent to a model costs tokens.</summary>
internal static class CompactJson
{
    public static JsonTypeInfo Any { get; } = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions)
    {
        WriteIndented = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    }.GetTypeInfo(typeof(object));

    public static string Of(object? value) => JsonSerializer.Serialize(value, Any);
}
