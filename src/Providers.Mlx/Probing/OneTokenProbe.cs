using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Providers.Mlx;

/// <summary>Asks a server for one token (or one vector): the only question a dead generation thread cannot answer, as <c>/health</c> always says ok.</summary>
internal sealed class OneTokenProbe(HttpMessageInvoker http, ProbeRequest request, TimeProvider clock)
{
    private const int MaxBody = 4096;

    /// <summary>Never throws but for <paramref name="cancellationToken"/>.</summary>
    public async Task<ProbeResult> AskAsync(Uri endpoint, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timer = new(deadline, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await AskAsync(endpoint, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested && e is OperationCanceledException or IOException or HttpRequestException)
        {
            return new ProbeResult(ProbeOutcome.Silent);
        }
        catch (HttpRequestException e)
        {
            return new ProbeResult(e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError ? ProbeOutcome.Refused : ProbeOutcome.Dropped);
        }
        catch (IOException)
        {
            return new ProbeResult(ProbeOutcome.Dropped);
        }
    }

    private async Task<ProbeResult> AskAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, new Uri(endpoint, request.Path)) { Content = Body() };
        if (request.ApiKey?.Invoke() is { Length: > 0 } key)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        using HttpResponseMessage response = await http.SendAsync(message, cancellationToken).ConfigureAwait(false);
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            if (!response.IsSuccessStatusCode)
            {
                string error = await ReadAsync(stream, static _ => false, cancellationToken).ConfigureAwait(false);
                return new ProbeResult(ProbeOutcome.Failed, (int)response.StatusCode, request.MaskKey(error));
            }

            string body = await ReadAsync(stream, HasAnswer, cancellationToken).ConfigureAwait(false);
            return new ProbeResult(HasAnswer(body) ? ProbeOutcome.Generates : ProbeOutcome.Dropped);
        }
    }

    // A keepalive comment only says that the prompt is read; a choice, or a vector, says that the model answered.
    private static bool HasAnswer(string text) =>
        text.Contains("\"choices\"", StringComparison.Ordinal) || text.Contains("\"embedding\"", StringComparison.Ordinal);

    private static async Task<string> ReadAsync(Stream stream, Func<string, bool> enough, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MaxBody];
        int length = 0;
        string text = "";
        while (length < buffer.Length)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            length += read;
            text = Encoding.UTF8.GetString(buffer, 0, length);
            if (read is 0 || enough(text))
            {
                break;
            }
        }

        return text;
    }

    // A buffered body has a length: a chunked one is answered with 411.
    private ByteArrayContent Body()
    {
        string model = JsonEncodedText.Encode(request.Model(), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
        string json = request.Embeds
            ? $$"""{"model":"{{model}}","input":["."],"encoding_format":"float"}"""
            : $$"""{"model":"{{model}}","messages":[{"role":"user","content":"."}],"max_tokens":1,"stream":true}""";
        ByteArrayContent content = new(Encoding.UTF8.GetBytes(json));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
