using Microsoft.Extensions.AI;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.OpenAI;

/// <summary>POST /v1/chat/completions.</summary>
internal sealed class ChatEndpoint(IChatClient client)
{
    public async Task HandleAsync(Exchange exchange)
    {
        ChatCompletionRequest request = await JsonBody.ReadAsync(exchange, OpenAIJson.Default.ChatCompletionRequest, large: true).ConfigureAwait(false);

        int most = exchange.Services.Options.Limits.MaxMessages;
        if (request.Messages is not { Count: > 0 } wire || wire.Count > most)
        {
            throw new ApiException("invalid_request", $"messages must hold 1 to {most} messages.", "messages");
        }

        List<ChatMessage> messages = MessageReader.Read(wire);
        ChatOptions options = OptionsReader.Read(request);
        int reserved = TokenEstimate.Of(messages, options);
        if (exchange.Services.Admission.Reserve(exchange.Caller, reserved) is { } refused)
        {
            throw new ApiException(refused);
        }

        long? used = null;
        try
        {
            using RequestTime time = new(exchange);
            if (request.Stream is true)
            {
                UsageDetails? usage = await StreamedAnswer.SendAsync(
                    exchange, client.GetStreamingResponseAsync(messages, options, time.Token), request.Model, request.StreamOptions?.IncludeUsage is true, time.Token).ConfigureAwait(false);
                used = TotalOf(usage);
            }
            else
            {
                ChatResponse answer = await client.GetResponseAsync(messages, options, time.Token).ConfigureAwait(false);
                used = TotalOf(answer.Usage);
                await WholeAnswer.SendAsync(exchange, answer, request.Model).ConfigureAwait(false);
            }
        }
        catch (Exception) when (!exchange.Response.HasStarted)
        {
            used ??= 0; // nothing was served
            throw;
        }
        finally
        {
            exchange.Services.Admission.Settle(exchange.Caller, reserved, used);
        }
    }

    private static long? TotalOf(UsageDetails? usage) => usage is null ? null : usage.TotalTokenCount ?? (usage.InputTokenCount ?? 0) + (usage.OutputTokenCount ?? 0);
}
