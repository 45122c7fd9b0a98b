using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Providers.Http;

namespace Providers.Ollama;

/// <summary>Sends the calls that OllamaSharp cannot be mended for, over the same guarded connections.</summary>
internal sealed class OllamaHttp(HttpClient http, OllamaPlan plan)
{
    /// <summary>Posts a request and reads its answer line by line; the guard fails it where it ends without its mark.</summary>
    public async IAsyncEnumerable<string> LinesAsync(string path, byte[] body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = Post(path, body);
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using StreamReader reader = new(stream);
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    public Task<byte[]> PostAsync(string path, byte[] body, CancellationToken cancellationToken) => CallScope.RunAsync(
        async () =>
        {
            using HttpRequestMessage request = Post(path, body);
            using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    private HttpRequestMessage Post(string path, byte[] body)
    {
        ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(HttpMethod.Post, new Uri(plan.Endpoint, path)) { Content = content };
    }
}
