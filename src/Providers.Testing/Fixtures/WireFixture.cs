using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Providers.Testing;

/// <summary>One recorded exchange: the request a client should send, and the answer, byte for byte with its pauses and its end. Immutable.</summary>
/// <remarks>
/// The file: <c>%% request</c>, method and path, headers, an empty line, a JSON body; <c>%% response</c>, a status line (or <c>-</c> for no
/// answer), headers, <c>@framing content-length|chunked|close|none</c>, an empty line, <c>@chunk [pause=ms]</c> blocks, <c>@end ok|cut|hang</c>.
/// </remarks>
public sealed class WireFixture
{
    private WireFixture(string name, string method, string target, IReadOnlyDictionary<string, string> headers, string body)
    {
        Name = name;
        Method = method;
        Target = target;
        RequestHeaders = headers;
        RequestBody = body;
    }

    /// <summary>Gets the file's name without its folder.</summary>
    public string Name { get; }

    /// <summary>Gets the request's method.</summary>
    public string Method { get; }

    /// <summary>Gets the request's path, with its query.</summary>
    public string Target { get; }

    /// <summary>Gets the request headers that matter; names without case.</summary>
    public IReadOnlyDictionary<string, string> RequestHeaders { get; }

    /// <summary>Gets the request's body; empty when it has none.</summary>
    public string RequestBody { get; }

    internal Fixtures.FixtureResponse Response { get; private init; } = null!;

    /// <summary>Reads a fixture.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The fixture.</returns>
    /// <exception cref="FormatException">The file is no fixture.</exception>
    public static WireFixture Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(Path.GetFileName(path), File.ReadAllText(path, Encoding.UTF8));
    }

    /// <summary>Reads a fixture from its text.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="text">The text, lines ended by LF.</param>
    /// <returns>The fixture.</returns>
    /// <exception cref="FormatException">The text is no fixture.</exception>
    public static WireFixture Parse(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int request = text.IndexOf("%% request\n", StringComparison.Ordinal);
        int response = text.IndexOf("%% response\n", StringComparison.Ordinal);
        if (request < 0 || response < request)
        {
            throw new FormatException($"Fixture '{name}' lacks '%% request' or '%% response'.");
        }

        string[] lines = text[(request + 11)..response].Split('\n');
        if (lines[0].Split(' ') is not [string method, string target])
        {
            throw new FormatException($"Fixture '{name}': '{lines[0]}' is not METHOD path.");
        }

        int blank = Array.IndexOf(lines, "");
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines[1..blank])
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return new WireFixture(name, method, target, headers, string.Join('\n', lines[(blank + 1)..]).Trim('\n'))
        {
            Response = Fixtures.FixtureResponse.Parse(name, text[(response + 12)..]),
        };
    }

    /// <summary>Compares a request with the recorded one: method, path, and body as JSON, whatever the order of members.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">The path with its query.</param>
    /// <param name="body">The body.</param>
    /// <returns>What differs; <see langword="null"/> when nothing does.</returns>
    public string? Difference(string method, string target, string body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (method != Method || target != Target)
        {
            return $"{method} {target} was sent, not {Method} {Target}.";
        }

        try
        {
            bool equal = RequestBody.Length == 0 ? body.Length == 0 : JsonNode.DeepEquals(JsonNode.Parse(RequestBody), body.Length == 0 ? null : JsonNode.Parse(body));
            return equal ? null : $"The body was {body}, not {RequestBody}";
        }
        catch (JsonException e)
        {
            return $"The body is no JSON: {e.Message}";
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
