using System.Text;
using System.Text.Json;

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

        int bytes = Encoding.UTF8.GetByteCount(json.GetRawText());
        if (bytes > limits.MetadataBytes)
        {
            _errors.Add($"{field}: has {bytes} bytes; at most {limits.MetadataBytes} are allowed.");
            return;
        }

        int keys = 0, depth = 0;
        Measure(json, 1, ref keys, ref depth);
        if (keys > limits.MetadataKeys || depth > limits.MetadataDepth)
        {
            _errors.Add($"{field}: has {keys} keys and depth {depth}; at most {limits.MetadataKeys} keys and depth {limits.MetadataDepth} are allowed.");
        }

        if (json.GetRawText() is var raw && (raw.Contains("\\u0000", StringComparison.Ordinal) || raw.Contains('\0', StringComparison.Ordinal)))
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
