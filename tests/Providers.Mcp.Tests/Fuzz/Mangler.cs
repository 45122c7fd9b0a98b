using System.Text;

namespace Providers.Mcp.Tests.Fuzz;

/// <summary>Makes messages that are almost right, and some that are not at all; the same ones for the same seed.</summary>
internal sealed class Mangler(int seed, bool stateless = false)
{
    private static readonly string[] s_seeds =
    [
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"memory_store","arguments":{"text":"x","tags":["a"],"metadata":{"k":1}}}}""",
        """{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"memory_search","arguments":{"query":"x","limit":3}}}""",
        """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"memory_transaction","arguments":{"operations":[{"op":"store","text":"x"}]}}}""",
        """{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{}}""",
        """{"jsonrpc":"2.0","id":4,"method":"resources/read","params":{"uri":"memory://default/x"}}""",
        """{"jsonrpc":"2.0","id":5,"method":"prompts/get","params":{"name":"recall","arguments":{"topic":"x"}}}""",
        """{"jsonrpc":"2.0","id":6,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"recall"},"argument":{"name":"tag","value":"x"}}}""",
        """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""",
        """{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""",
        """{"jsonrpc":"2.0","id":8,"result":{}}""",
        """{"jsonrpc":"2.0","id":9,"error":{"code":-1,"message":"x"}}""",
        """{"jsonrpc":"2.0","id":10,"method":"resources/subscribe","params":{"uri":"memory://default"}}""",
        """{"jsonrpc":"2.0","id":11,"method":"ping"}""",
    ];

    private static readonly string[] s_values =
        ["null", "true", "-1", "1e400", "9007199254740993", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[[[[[[[]]]]]]]]", "\"2.0\"", "1.5", "{\"a\":{\"b\":[1,2,{}]}}", "\"__proto__\""];

    private const string Meta = "\"_meta\":" + """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}""";
    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        string message = s_seeds[_random.Next(s_seeds.Length)];
        if (stateless && _random.Next(4) > 0)
        {
            message = message.Replace("\"params\":{", "\"params\":{" + Meta + ",", StringComparison.Ordinal).Replace(Meta + ",}", Meta + "}", StringComparison.Ordinal);
        }

        for (int changes = _random.Next(4); changes > 0; changes--)
        {
            message = Change(message);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(message);
        if (_random.Next(8) == 0)
        {
            for (int flips = _random.Next(1, 6); flips > 0 && bytes.Length > 0; flips--)
            {
                bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
            }
        }

        return [.. bytes.Where(static b => b is not ((byte)'\n' or (byte)'\r'))];
    }

    private string Change(string message)
    {
        int at = _random.Next(message.Length), length = Math.Min(_random.Next(1, 12), message.Length - at);
        return _random.Next(7) switch
        {
            0 => message.Remove(at, length),
            1 => message.Insert(at, message.Substring(at, length)),
            2 => message[..at],
            3 => ReplaceValue(message),
            4 => message.Insert(at, ((char)_random.Next(0x20, 0x3000)).ToString()),
            5 => message.Insert(at, new string("[{\"".AsSpan()[_random.Next(3)], _random.Next(1, 200))),
            _ => message.Replace("\"x\"", $"\"{new string('y', _random.Next(1, 3_000))}\"", StringComparison.Ordinal),
        };
    }

    private string ReplaceValue(string message)
    {
        int colon = message.IndexOf(':', _random.Next(message.Length));
        int end = colon < 0 ? -1 : message.IndexOfAny([',', '}'], colon);
        return end < 0 ? message : string.Concat(message.AsSpan(0, colon + 1), s_values[_random.Next(s_values.Length)], message.AsSpan(end));
    }
}
