using System.Runtime.InteropServices;
using System.Text.Json;

namespace Providers.Mcp.Calls;

/// <summary>The measure of a call's arguments: bytes of JSON and depth.</summary>
internal static class ArgumentSize
{
    public static (long Bytes, int Depth) Of(IDictionary<string, JsonElement>? arguments)
    {
        long bytes = 2;
        int depth = 0;
        foreach ((string name, JsonElement value) in arguments ?? new Dictionary<string, JsonElement>())
        {
            ReadOnlySpan<byte> json = value.ValueKind is JsonValueKind.Undefined ? [] : JsonMarshal.GetRawUtf8Value(value);
            bytes += name.Length + 4 + json.Length;
            depth = Math.Max(depth, DepthOf(json));
        }

        return (bytes, depth + 1);
    }

    private static int DepthOf(ReadOnlySpan<byte> json)
    {
        int depth = 0, deepest = 0;
        bool text = false;
        for (int i = 0; i < json.Length; i++)
        {
            byte b = json[i];
            if (text)
            {
                int skip = json[i..].IndexOfAny((byte)'"', (byte)'\\');
                i += skip;
                text = json[i] == '\\';
                i += text ? 1 : 0; // the escaped character
            }
            else if (b == '"')
            {
                text = true;
            }
            else if (b is (byte)'{' or (byte)'[')
            {
                deepest = Math.Max(deepest, ++depth);
            }
            else if (b is (byte)'}' or (byte)']')
            {
                depth--;
            }
        }

        return deepest;
    }
}
