using System.Net.Http.Headers;
using System.Text;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Whole JSON answers for the calls that do not go through the SDK: bounded in size, every failure typed.</summary>
internal sealed class JsonHttp(HttpClient http, OpenAIPlan plan, FailureRelay relay)
{
    /// <summary>Asks for the ids of the server's models.</summary>
    /// <returns>The ids; <see langword="null"/> when the server is alive but sent no list.</returns>
    public async Task<IReadOnlyList<string>?> ListModelsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Read(await GetAsync(new Uri(plan.Endpoint, "models"), cancellationToken).ConfigureAwait(false), null, static b => ModelList.Read(b));
        }
        catch (ProviderException e) when (e.Kind is FailureKind.InvalidResponse)
        {
            throw relay.Fail(FailureKind.InvalidResponse, ModelList.Wrong, null, e.InnerException); // a page, or no JSON: the guard has looked first
        }
    }

    public async Task<byte[]> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        return await SendAsync(request, null, cancellationToken).ConfigureAwait(false);
    }

    public async Task<byte[]> PostAsync(string path, byte[] json, string model, CancellationToken cancellationToken)
    {
        using ByteArrayContent content = new(json); // has a length: some servers refuse a chunked request
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(plan.Endpoint, path)) { Content = content };
        return await SendAsync(request, model, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads an answer; one that is an error in disguise fails as that error.</summary>
    /// <param name="read">Throws <see cref="InvalidDataException"/> where the answer is not what was asked for.</param>
    public T Read<T>(byte[] body, string? model, Func<byte[], T> read)
    {
        try
        {
            return read(body);
        }
        catch (InvalidDataException e)
        {
            string start = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 4_096)));
            throw start.TrimStart().StartsWith('{') && WireError.Read(200, start) is { Message: not null } error
                ? relay.Fail(ErrorClassifier.Classify(error), model, e)
                : relay.Fail(FailureKind.InvalidResponse, e.Message, model, e);
        }
    }

    private async Task<byte[]> SendAsync(HttpRequestMessage request, string? model, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false); // the guard has read and bounded it
        }
        catch (Exception e)
        {
            Exception seen = relay.Relay(e, model, cancellationToken);
            if (ReferenceEquals(seen, e))
            {
                throw;
            }

            throw seen;
        }
    }
}
