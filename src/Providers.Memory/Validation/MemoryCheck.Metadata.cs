using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Providers.Memory;

/// <summary>The measure of metadata: bytes, keys, depth.</summary>
internal sealed partial class MemoryCheck
{
    private void Metadata(string field, JsonElement? metadata)
    {
        if (metadata is not { } json || json.ValueKind is JsonValueKind.Undefined)
        {
            return;
        }

        if (json.ValueKind is not JsonValueKind.Object)
        {
            _errors.Add($"{field}: is {json.ValueKind}; it must be a JSON object.");
            return;
        }

        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(json);
        if (raw.Length > limits.MetadataBytes)
        {
            _errors.Add($"{field}: has {raw.Length} bytes; at most {limits.MetadataBytes} are allowed.");
            return;
        }

        if (!Utf8.IsValid(raw)) // a parser looks into strings only when they are asked for
        {
            _errors.Add($"{field}: is no valid UTF-8.");
            return;
        }

        int keys = 0, depth = 0;
        Measure(json, 1, ref keys, ref depth);
        if (keys > limits.MetadataKeys || depth > limits.MetadataDepth)
        {
            _errors.Add($"{field}: has {keys} keys and depth {depth}; at most {limits.MetadataKeys} keys and depth {limits.MetadataDepth} are allowed.");
        }

        if (raw.IndexOf("\\u0000"u8) >= 0 || raw.Contains((byte)0))
        {
            _errors.Add($"{field}: has the character U+0000; it cannot be stored.");
        }
    }

    private static void Measure(JsonElement json, int level, ref int keys, ref int depth)
    {
        depth = Math.Max(depth, level);
        if (json.ValueKind is JsonValueKind.Object)
        {
            foreach (JsonProperty property in json.EnumerateObject())
            {
                keys++;
                if (property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    Measure(property.Value, level + 1, ref keys, ref depth);
                }
            }
        }
        else
        {
            foreach (JsonElement item in json.EnumerateArray())
            {
                if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    Measure(item, level + 1, ref keys, ref depth);
                }
            }
        }
    }
}
