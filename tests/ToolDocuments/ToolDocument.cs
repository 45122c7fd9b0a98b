using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Providers.Tools;

namespace Providers.Tests;

/// <summary>docs/tools.json is what the tools say of themselves to models and clients; a change of theirs shows in it. TOOLS_WRITE=1 rewrites what is asked for.</summary>
internal static class ToolDocument
{
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Compares a toolset with the document.</summary>
    public static void Check(IToolset toolset)
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Providers.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException("Providers.sln is nowhere above this test.");
        }

        string file = Path.Combine(root, "docs", "tools.json");
        JsonObject document = (JsonObject)JsonNode.Parse(File.ReadAllText(file))!;
        if (Environment.GetEnvironmentVariable("TOOLS_WRITE") == "1")
        {
            document[toolset.Name] = new JsonArray([.. toolset.Tools.Select(Describe)]);
            File.WriteAllText(file, document.ToJsonString(s_readable) + "\n");
        }

        const string Because = "docs/tools.json is checked in; when the tools changed on purpose, write it anew with TOOLS_WRITE=1";
        JsonArray said = document[toolset.Name] as JsonArray ?? [];
        said.Select(static t => (string)t!["name"]!).Should().Equal(toolset.Tools.Select(static t => t.Name), Because);
        foreach ((JsonNode? then, AIFunction now) in said.Zip(toolset.Tools))
        {
            JsonObject described = Describe(now);
            JsonNode.DeepEquals(then, described).Should().BeTrue($"{Because}; now it says {described.ToJsonString(s_readable)}");
        }
    }

    private static JsonObject Describe(AIFunction tool)
    {
        ToolHints hints = ToolHints.Of(tool);
        return new JsonObject
        {
            ["name"] = tool.Name,
            ["title"] = hints.Title,
            ["description"] = tool.Description,
            ["scope"] = hints.Scope,
            ["readOnly"] = hints.ReadOnly,
            ["destructive"] = hints.Destructive,
            ["idempotent"] = hints.Idempotent,
            ["openWorld"] = hints.OpenWorld,
            ["input"] = JsonNode.Parse(tool.JsonSchema.GetRawText()),
            ["output"] = tool.ReturnJsonSchema is { } output ? JsonNode.Parse(output.GetRawText()) : null,
        };
    }
}
