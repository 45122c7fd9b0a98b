using System.Text;
using Microsoft.Extensions.Time.Testing;
using Providers.Testing.Tests.Support;

namespace Providers.Testing.Tests.Servers;

/// <summary>
/// answers/*.http are what each server puts on the wire, to the byte: applications' tests stand on it. A change shows in the file;
/// made on purpose, ANSWERS_WRITE=1 writes it anew.
/// </summary>
public sealed class AnswerTests
{
    private const string Asked = """ "messages":[{"role":"user","content":"Count."}]""";
    private const string Tools = ""","tools":[{"type":"function","function":{"name":"get_weather","parameters":{}}}]""";

    public static TheoryData<string, OpenAIServerKind> Servers => new()
    {
        { "mlx", default },
        { "ollama", default },
        { "openai", OpenAIServerKind.OpenAI },
        { "openai", OpenAIServerKind.LlamaServer },
        { "openai", OpenAIServerKind.KoboldCpp },
        { "openai", OpenAIServerKind.Vllm },
        { "openai", OpenAIServerKind.LMStudio },
    };

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Answers_AreThoseOfTheFile(string wire, OpenAIServerKind kind)
    {
        await using Chat chat = await Chat.StartAsync(wire, new ModelServerOptions
        {
            Clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)),
            Kind = kind,
            Models = ["one"],
            Answer = ["Eins", " zwei", " drei"],
            EmbeddingDimensions = 2,
            Embeds = true,
            ContextWindow = 4_096,
        });
        StringBuilder all = new();
        foreach ((string name, string request, Action<ModelServer>? before) in Exchanges(wire, chat.Path))
        {
            before?.Invoke(chat.Server);
            // Servers of HTTP/1.0 close by themselves; the others are asked to.
            Raw answer = await Raw.SendAsync(chat.Server.Endpoint, wire == "mlx" || kind is OpenAIServerKind.KoboldCpp ? request.Replace("Connection: close\r\n", "", StringComparison.Ordinal) : request);
            all.Append("### ").Append(name).Append('\n').Append(answer.Text).Append("\n\n");
        }

        string path = Path.Combine(Folder(), $"{(kind == default ? wire : kind.ToString().ToLowerInvariant())}.http");
        if (Environment.GetEnvironmentVariable("ANSWERS_WRITE") == "1")
        {
            await File.WriteAllTextAsync(path, all.ToString());
        }

        string[] then = (await File.ReadAllTextAsync(path)).Split("### "), now = all.ToString().Split("### ");
        now.Should().Equal(then, "answers are kept; when they changed on purpose, write them anew with ANSWERS_WRITE=1");
    }

    private static IEnumerable<(string Name, string Request, Action<ModelServer>? Before)> Exchanges(string wire, string path)
    {
        string limit = wire == "ollama" ? ""","options":{"num_predict":LIMIT}""" : ""","max_tokens":LIMIT""";
        foreach (string get in Probes(wire))
        {
            yield return ($"GET {get}", $"GET {get} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", null);
        }

        yield return ("HEAD /", "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", null);
        yield return ("whole", Ask(stream: false), null);
        yield return ("streamed, with usage", Ask(usage: true), null);
        yield return ("streamed, without usage", Ask(), null);
        yield return ("streamed to a client of HTTP/1.0", Ask(version: "HTTP/1.0"), null);
        yield return ("whole to a client of HTTP/1.0", Ask(stream: false, version: "HTTP/1.0"), null);
        yield return ("two tokens at most", Ask(stream: false, extra: limit.Replace("LIMIT", "2", StringComparison.Ordinal)), null);
        yield return ("two tokens at most, streamed", Ask(extra: limit.Replace("LIMIT", "2", StringComparison.Ordinal)), null);
        yield return ("as many tokens as it takes", Ask(stream: false, extra: limit.Replace("LIMIT", "3", StringComparison.Ordinal)), null);
        yield return ("no token at most, which is no limit", Ask(stream: false, extra: limit.Replace("LIMIT", "0", StringComparison.Ordinal)), null);
        yield return ("a tool's call", Ask(stream: false, extra: Tools), static s => s.Options.ToolArguments = """{"city":"Oslo"}""");
        yield return ("a tool's call, streamed", Ask(usage: true, extra: Tools), null);
        yield return ("a request without tools", Ask(stream: false), null);
        yield return ("a tool's result", Ask(stream: false, extra: Tools, messages: """ "messages":[{"role":"user","content":"Weather?"},{"role":"tool","content":"12"}]"""), null);
        yield return ("with reasoning", Ask(stream: false), static s => (s.Options.ToolArguments, s.Options.Reasoning) = (null, "Counting."));
        yield return ("with reasoning, streamed", Ask(), null);
        yield return ("goes on from a partial answer", Ask(stream: false, messages: """ "messages":[{"role":"user","content":"Count."},{"role":"assistant","content":"Eins zwei"}]"""), static s => s.Options.Reasoning = null);
        yield return ("a model it does not have", Ask(model: "two"), null);
        yield return ("no messages", Raw.Post(path, """{"model":"one","messages":[]}"""), null);
        yield return ("no JSON", Raw.Post(path, "nonsense"), null);
        yield return ("no such path", Raw.Post("/none", "{}"), null);
        string embed = wire == "ollama" ? "/api/embed" : "/v1/embeddings";
        yield return ("embeddings", Raw.Post(embed, """{"model":"one","input":["red","blue"]}"""), null);
        yield return ("embeddings of a model it does not have", Raw.Post(embed, """{"model":"two","input":["red"]}"""), null);
        foreach (Fault fault in (Fault[])[Fault.Status(400, reason: "context_length_exceeded"), Fault.Status(401), Fault.Status(429, "7"), Fault.Status(429, reason: "insufficient_quota"), Fault.Status(500), Fault.Status(503), Fault.ErrorAfter(1, "Broke."), Fault.MalformedAfter(1), Fault.UsageWithChoices, Fault.EndAfter(1), Fault.Empty, Fault.CutAfterBytes(200)])
        {
            yield return ($"fault: {fault}", Ask(usage: true), s => s.Faults.Enqueue(fault));
        }

        string Ask(bool stream = true, bool usage = false, string model = "one", string extra = "", string messages = Asked, string version = "HTTP/1.1") =>
            Raw.Post(path, $$"""{"model":"{{model}}",{{messages}},"stream":{{(stream ? "true" : "false")}}{{(usage ? ""","stream_options":{"include_usage":true}""" : "")}}{{extra}}}""", version);
    }

    private static string[] Probes(string wire) => wire == "ollama"
        ? ["/", "/api/version", "/api/tags", "/api/ps"]
        : ["/health", "/v1/health", "/v1/models", "/v1/models/one", "/v1/models/two"];

    private static string Folder()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Providers.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException("Providers.sln is nowhere above this test.");
        }

        return Path.Combine(root, "tests", "Providers.Testing.Tests", "Servers", "answers");
    }
}
