using System.Net.Http.Headers;
using System.Text;

namespace Providers.Mlx;

/// <summary>Whole JSON answers of a server: bounded in time and size, every failure typed.</summary>
internal sealed class MlxJsonHttp(HttpMessageInvoker http, MlxPlan plan, TimeProvider clock)
{
    private const int MaxBody = 64 * 1024 * 1024;

    public Task<byte[]> GetAsync(Uri address, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, address), null, cancellationToken);

    // A buffered body has a length: mlx_lm.server answers a chunked one with 411.
    public Task<byte[]> PostAsync(Uri address, byte[] json, string model, CancellationToken cancellationToken)
    {
        ByteArrayContent content = new(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = content }, model, cancellationToken);
    }

    public ProviderException Fail(ProviderFailure failure, string? model, Exception? inner = null) => new(failure, plan.Name, model, inner);

    private async Task<byte[]> SendAsync(HttpRequestMessage request, string? model, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = request;
        if (plan.ApiKey() is { Length: > 0 } key)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        try
        {
            using HttpResponseMessage response = await WithinAsync(plan.FirstByteTimeout, "The first byte of the answer", t => http.SendAsync(message, t), cancellationToken).ConfigureAwait(false);
            Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                byte[] body = await ReadAsync(stream, cancellationToken).ConfigureAwait(false);
                return response.IsSuccessStatusCode ? body : throw Fail(Refusal(response, body, model is not null), model);
            }
        }
        catch (TimeoutException e)
        {
            throw Fail(new ProviderFailure(FailureKind.TimedOut, e.Message), model, e);
        }
        catch (InvalidDataException e)
        {
            throw Fail(new ProviderFailure(FailureKind.InvalidResponse, e.Message), model, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
        {
            throw Fail(new ProviderFailure(FailureKind.ConnectionLost, $"The connection failed: {e.Message}"), model, e);
        }
    }

    private ProviderFailure Refusal(HttpResponseMessage response, byte[] body, bool embeds) =>
        MlxErrorText.Classify((int)response.StatusCode, plan.MaskKey(Encoding.UTF8.GetString(body)), embeds) with { RetryAfter = RetryDelay.Of(response, clock) };

    private async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using MemoryStream body = new();
        byte[] buffer = new byte[16 * 1024];
        int read;
        do
        {
            read = await WithinAsync(plan.IdleTimeout, "The next byte of the answer", async t => await stream.ReadAsync(buffer, t).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            body.Write(buffer, 0, read);
            if (body.Length > MaxBody)
            {
                throw new InvalidDataException($"The answer is longer than {MaxBody / 1024 / 1024} MiB.");
            }
        }
        while (read > 0);

        return body.ToArray();
    }

    private async Task<T> WithinAsync<T>(TimeSpan limit, string what, Func<CancellationToken, Task<T>> act, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timer = new(limit, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await act(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{what} did not come within {limit.TotalSeconds:F1} s.", e);
        }
    }
}
