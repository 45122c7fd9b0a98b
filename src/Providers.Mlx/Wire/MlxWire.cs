using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace Providers.Mlx;

internal static class MlxWire
{
    public static IChatClient NewChatClient(MlxConnection connection, MlxPlan plan, TimeProvider clock)
    {
        HttpClient http = new(new ServerHandler(connection, MlxSockets.New(plan))) { Timeout = Timeout.InfiniteTimeSpan };
        OpenAIClientOptions options = new() { Endpoint = new Uri(plan.BaseUrl ?? MlxPlan.DefaultAddress, "v1"), Transport = new HttpClientPipelineTransport(http), RetryPolicy = new ClientRetryPolicy(0), NetworkTimeout = Timeout.InfiniteTimeSpan };
        return new MlxChatClient(new ChatClient("default_model", new ApiKeyCredential("none"), options).AsIChatClient(), connection, plan);
    }
}
