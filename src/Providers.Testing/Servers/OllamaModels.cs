using System.Text.Json.Nodes;

namespace Providers.Testing;

/// <summary>What Ollama tells of its models.</summary>
internal static class OllamaModels
{
    public static JsonArray List(ModelServerOptions options, bool loaded)
    {
        JsonArray list = [];
        foreach (string name in options.Models.DefaultIfEmpty("test-model").Select(static m => m.Contains(':', StringComparison.Ordinal) ? m : m + ":latest"))
        {
            JsonObject model = new()
            {
                ["name"] = name,
                ["model"] = name,
                ["size"] = 3_825_819_519,
                ["digest"] = "365c0bd3c000a25d28ddbf732fe1c6add414de7275464c4e4d1c3b5fcb5d8ad1",
                ["details"] = new JsonObject { ["parent_model"] = "", ["format"] = "gguf", ["family"] = "test", ["families"] = new JsonArray("test"), ["parameter_size"] = "3.2B", ["quantization_level"] = "Q4_K_M" },
            };
            if (loaded)
            {
                model["expires_at"] = "2030-01-01T00:00:00Z";
                model["size_vram"] = 3_825_819_519;
                model["context_length"] = options.ContextWindow;
            }
            else
            {
                model["modified_at"] = "2026-02-03T04:05:06Z";
            }

            list.Add((JsonNode)model);
        }

        return list;
    }

    public static JsonObject Show(ModelServerOptions options) => new()
    {
        ["parameters"] = "",
        ["template"] = "{{ .Prompt }}",
        ["capabilities"] = new JsonArray("completion", "tools", "vision", "thinking", "embedding"),
        ["details"] = new JsonObject { ["format"] = "gguf", ["family"] = "test", ["parameter_size"] = "3.2B", ["quantization_level"] = "Q4_K_M" },
        ["model_info"] = new JsonObject { ["general.architecture"] = "test", ["test.context_length"] = options.ContextWindow, ["test.embedding_length"] = options.EmbeddingDimensions },
    };
}
