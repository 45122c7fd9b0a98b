using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Admin;
using Providers.AspNetCore.Documents;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Status;

/// <summary>/status for people, /v1/status and its stream of events for the page and for scripts.</summary>
internal sealed class StatusOperations(StatusBoard board)
{
    private static readonly byte[] s_page = ReadPage();
    private static readonly string s_policy = PolicyOf(Encoding.UTF8.GetString(s_page));

    public static IEnumerable<Operation> Create(IServiceProvider services)
    {
        StatusOperations status = new(services.GetRequiredService<StatusBoard>());
        yield return Of("showStatusPage", "/status", GatewayScopes.None, PageAsync, "Shows a page for people; it holds no data of its own.") with
        {
            Docs = new OperationDocs("Status", "Shows a page for people; it holds no data of its own.") { ResponseType = "text/html" },
        };
        yield return Of("getStatus", "/v1/status", GatewayScopes.Admin, status.GetAsync, "Shows everything an operator wants to know at a glance.");
        yield return Of("watchStatus", "/v1/status/events", GatewayScopes.Admin, status.WatchAsync, "Sends the status every second, as events.") with
        {
            Docs = new OperationDocs("Status", "Sends the status every second, as events.") { Response = AdminJson.Default.StatusView, ResponseType = "text/event-stream" },
        };
    }

    private static Operation Of(string id, string path, GatewayScopes scope, Func<Exchange, Task> handler, string summary) => new(id, "GET", path, scope, handler)
    {
        Limited = false,
        Docs = new OperationDocs("Status", summary) { Response = AdminJson.Default.StatusView },
    };

    private static async Task PageAsync(Exchange exchange)
    {
        HttpResponse response = exchange.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = s_policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-cache";
        response.ContentLength = s_page.Length;
        await response.Body.WriteAsync(s_page, exchange.Aborted).ConfigureAwait(false);
    }

    private async Task GetAsync(Exchange exchange) =>
        await JsonAnswer.SendAsync(exchange, await board.NowAsync().ConfigureAwait(false), AdminJson.Default.StatusView).ConfigureAwait(false);

    private async Task WatchAsync(Exchange exchange)
    {
        using RequestTime time = new(exchange);
        PipeWriter output = exchange.Response.BodyWriter;
        exchange.Response.ContentType = "text/event-stream; charset=utf-8";
        exchange.Response.Headers.CacheControl = "no-store";
        StatusView view = await board.NowAsync().ConfigureAwait(false);
        while (true)
        {
            Write(output, view);
            await output.FlushAsync(time.Token).ConfigureAwait(false);
            if (exchange.Services.Drain.IsDraining)
            {
                return; // an open page must not keep the host from stopping
            }

            view = await board.NextAsync(time.Token).ConfigureAwait(false);
        }
    }

    private static void Write(PipeWriter output, StatusView view)
    {
        output.Write("data: "u8);
        using (Utf8JsonWriter json = new(output, JsonText.WriterOptions))
        {
            JsonSerializer.Serialize(json, view, AdminJson.Default.StatusView);
        }

        output.Write("\n\n"u8);
    }

    private static byte[] ReadPage()
    {
        using Stream page = typeof(StatusOperations).Assembly.GetManifestResourceStream("Providers.AspNetCore.Status.status.html")!;
        using MemoryStream bytes = new();
        page.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Lets the page run its own script and style, by their hashes, speak to this host, and nothing else.</summary>
    private static string PolicyOf(string page) =>
        $"default-src 'none'; script-src '{HashOf(page, "script")}'; style-src '{HashOf(page, "style")}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static string HashOf(string page, string tag)
    {
        int start = page.IndexOf($"<{tag}>", StringComparison.Ordinal) + tag.Length + 2;
        int end = page.IndexOf($"</{tag}>", start, StringComparison.Ordinal);
        return "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(page[start..end])));
    }
}
