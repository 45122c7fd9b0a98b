namespace Providers.Mlx.Tests;

/// <summary>Answers as mlx_lm.server streams them.</summary>
internal static class Sse
{
    public const string Head = "HTTP/1.0 200 OK\r\nContent-type: text/event-stream\r\nCache-Control: no-cache\r\n\r\n";
    public const string Usage = """data: {"id":"c","object":"chat.completion","model":"default_model","created":1,"choices":[],"usage":{"prompt_tokens":18,"completion_tokens":4,"total_tokens":22}}""" + "\n\n";
    public const string Done = "data: [DONE]\n\n";

    public static string Delta(string delta, string finish = "null") =>
        $$"""data: {"id":"c","object":"chat.completion.chunk","model":"default_model","created":1,"choices":[{"index":0,"finish_reason":{{finish}},"delta":{{delta}}}]}""" + "\n\n";

    public static string Text(string text) => Delta($$"""{"role":"assistant","content":{{System.Text.Json.JsonSerializer.Serialize(text)}}}""");

    public static string End(string reason = "stop") => Delta("""{"role":"assistant"}""", $"\"{reason}\"") + Usage + Done;

    public static string Answer(params string[] words) => Head + ": keepalive 18/18\n\n" + string.Concat(words.Select(Text)) + End();
}
