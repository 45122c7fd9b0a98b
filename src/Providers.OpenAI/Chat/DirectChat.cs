using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using Providers.Http;

#pragma warning disable OPENAI001 // the context is marked as experimental; PlainAnswerTests hold the result to what the SDK's own client gives

namespace Providers.OpenAI;

/// <summary>Sends chats past the SDK's pipeline: one request, through the guard to the socket and back.</summary>
internal sealed class DirectChat(HttpMessageInvoker http, OpenAIPlan plan)
{
    /// <summary>The longest answer of a chat, in bytes; the guard's own limit has room for embeddings.</summary>
    public const int MaxBody = 32 * 1024 * 1024;

    private const string Json = "application/json";

    private static readonly string s_agent = $"Providers.OpenAI/{typeof(DirectChat).Assembly.GetName().Version?.ToString(3)}";

    private readonly Uri _address = new UriBuilder(new Uri(plan.Endpoint, "chat/completions")) { Query = plan.Query }.Uri;

    /// <summary>Asks for a whole answer.</summary>
    /// <param name="body">The request's JSON.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    public async Task<ChatResponse> AskAsync(byte[] body, CancellationToken cancellationToken)
    {
        using GuardedRequest request = Create(body, plan.WholeAnswerTimeout, stream: false, cancellationToken);
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> answer = request.Answer.IsEmpty
            ? await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false) // no JSON by its type: read under the guard, and refused below
            : request.Answer;
        cancellationToken.ThrowIfCancellationRequested();
        ChatResponse result = PlainAnswer.TryRead(answer.Span) ?? Read(answer);
        AnswerNotes.Note(result, AnswerNotes.RequestIdOf(response));
        return result;
    }

    /// <summary>Asks for a stream.</summary>
    /// <param name="body">The request's JSON.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <returns>Its events; <see langword="null"/>: the server answered with something else.</returns>
    public async Task<(EventReader? Events, string? RequestId)> OpenAsync(byte[] body, CancellationToken cancellationToken)
    {
        using GuardedRequest request = Create(body, null, stream: true, cancellationToken);
        HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (request.Events is null)
        {
            response.Dispose(); // else the events own its content
        }

        return (request.Events, AnswerNotes.RequestIdOf(response));
    }

    /// <summary>Reads an answer that has more in it than text.</summary>
    private static ChatResponse Read(ReadOnlyMemory<byte> answer)
    {
        ChatResponse result = ModelReaderWriter.Read<ChatCompletion>(BinaryData.FromBytes(answer), ModelReaderWriterOptions.Json, OpenAIContext.Default)!.AsChatResponse();
        LogProbabilities.Copy(result);
        return result;
    }

    private GuardedRequest Create(byte[] body, TimeSpan? firstByte, bool stream, CancellationToken cancellationToken)
    {
        ByteArrayContent content = new(body); // has a length: some servers refuse a chunked request
        content.Headers.TryAddWithoutValidation("Content-Type", Json);
        GuardedRequest request = new(HttpMethod.Post, _address)
        {
            Content = content,
            Call = new CallScope.Call(firstByte, null, cancellationToken),
            MaxBody = MaxBody,
            ReadsEvents = stream,
        };
        request.Headers.TryAddWithoutValidation("Accept", Json); // as the SDK does; "stream" in the body decides
        request.Headers.TryAddWithoutValidation("User-Agent", s_agent);
        if (plan.Organization is { } organization)
        {
            request.Headers.TryAddWithoutValidation("OpenAI-Organization", organization);
        }

        if (plan.Project is { } project)
        {
            request.Headers.TryAddWithoutValidation("OpenAI-Project", project);
        }

        return request;
    }
}
