using System.ComponentModel;
using ModelContextProtocol.Server;

namespace Providers.Mcp.Tests.Peers;

/// <summary>The resources and prompts that the official scenarios ask for by name.</summary>
internal static class ConformanceFixture
{
    private static readonly byte[] s_png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    public static IMcpServerBuilder WithConformanceFixture(this IMcpServerBuilder builder) => builder
        .WithTools([.. ConformanceTools.All, .. ConformanceInput.Tools])
        .WithResources(
        [
            Resource("test://static-text", "static text", "text/plain", static () => "This is the content of the static text resource."),
            Resource("test://static-binary", "static binary", "image/png", static () => BlobResourceContents.FromBytes(s_png, "test://static-binary", "image/png")),
            Resource("test://template/{id}/data", "template", "application/json", static (string id) => $$"""{"id":"{{id}}","templateTest":true,"data":"Data for ID: {{id}}"}"""),
            Resource("test://watched-resource", "watched", "text/plain", static () => "watched"),
        ])
        .WithPrompts(
        [
            ConformanceInput.Prompt,
            Prompt("test_simple_prompt", static () => "This is a simple prompt for testing."),
            Prompt("test_prompt_with_arguments", static ([Description("First test argument")] string arg1, [Description("Second test argument")] string arg2) => $"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"),
            Prompt("test_prompt_with_embedded_resource", static ([Description("The resource to embed")] string resourceUri) => new[]
            {
                Message(new EmbeddedResourceBlock { Resource = new TextResourceContents { Uri = resourceUri, MimeType = "text/plain", Text = "Embedded resource content for testing." } }),
                Message(new TextContentBlock { Text = "Please process the embedded resource above." }),
            }),
            Prompt("test_prompt_with_image", static () => new[] { Message(ImageContentBlock.FromBytes(s_png, "image/png")), Message(new TextContentBlock { Text = "Please analyze the image above." }) }),
        ]);

    private static McpServerResource Resource(string uri, string name, string type, Delegate read) =>
        McpServerResource.Create(read, new McpServerResourceCreateOptions { UriTemplate = uri, Name = name, MimeType = type, Description = "A resource of the official scenarios." });

    private static McpServerPrompt Prompt(string name, Delegate get) => McpServerPrompt.Create(get, new McpServerPromptCreateOptions { Name = name, Description = "A prompt of the official scenarios." });

    private static PromptMessage Message(ContentBlock content) => new() { Role = Role.User, Content = content };
}
