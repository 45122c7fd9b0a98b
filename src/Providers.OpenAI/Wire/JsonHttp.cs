using System.Net.Http.Headers;
using System.Text;

namespace Providers.OpenAI;

/// <summary>Whole JSON answers for the calls that do not go through the SDK: bounded in size, every failure typed.</summary>
internal sealed class JsonHttp(HttpClient http, OpenAIPlan plan, FailureRelay relay)
{
    /// <summary>2,048 vectors of 3,072 numbers as text are 75 MB.</summary>
    internal const int MaxBody = 128 * 1024 * 1024;

    /// <summary>Asks for an address below the endpoint.</summary>
    public Task<byte[]> GetAsync(string path, CancellationToken cancellationToken) => GetAsync(new Uri(plan.Endpoint, path), cancellationToken);

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
            throw ErrorBody.Parse(start) is { IsJson: true, Message: not null }
                ? relay.Fail(ErrorClassifier.Classify(200, start), model, e)
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
