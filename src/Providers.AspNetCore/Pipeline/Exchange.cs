using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Auth;

namespace Providers.AspNetCore.Pipeline;

/// <summary>One request on its way through the door.</summary>
internal sealed class Exchange(HttpContext http, Operation operation, GatewayServices services)
{
    public HttpContext Http => http;

    public Operation Operation => operation;

    public GatewayServices Services => services;

    public HttpRequest Request => http.Request;

    public HttpResponse Response => http.Response;

    public CancellationToken Aborted => http.RequestAborted;

    public Caller Caller { get; set; } = Caller.Nobody;

    /// <summary>Gets or sets how many attempts the answer took; 0 when that is not known.</summary>
    public int Attempts { get; set; }

    /// <summary>Gets or sets a value indicating whether the answer began well and ended with an error.</summary>
    public bool Interrupted { get; set; }

    public string Route(string name) => (string)http.Request.RouteValues[name]!;
}
