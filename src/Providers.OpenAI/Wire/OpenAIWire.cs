using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace Providers.OpenAI;

/// <summary>The SDK's chat client over an HTTP client of ours: no retries, no timers, no keys of its own.</summary>
internal static class OpenAIWire
{
    /// <summary>Makes a chat client. It throws what the HTTP client and the SDK throw; nothing is normalised here.</summary>
    /// <param name="http">Sends the requests, adds the key, watches the answers; its time-out must be infinite. Not disposed.</param>
    /// <param name="endpoint">The address up to and with <c>/v1</c>.</param>
    /// <param name="model">The model of a request that names none.</param>
    /// <param name="organization">Sent as <c>OpenAI-Organization</c>.</param>
    /// <param name="project">Sent as <c>OpenAI-Project</c>.</param>
    public static IChatClient CreateChatClient(HttpClient http, Uri endpoint, string model, string? organization = null, string? project = null)
    {
        OpenAIClientOptions options = new()
        {
            Endpoint = endpoint,
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(0), // the default one retries four times within milliseconds
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            OrganizationId = organization,
            ProjectId = project,
        };
        return new ChatClient(model, new ApiKeyCredential("unused"), options).AsIChatClient();
    }
}
