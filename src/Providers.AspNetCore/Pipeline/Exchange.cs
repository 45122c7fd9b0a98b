using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
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

    /// <summary>The path, for a client, of another operation of this host: below its path base, and below the group these operations are mapped in.</summary>
    public string At(string path)
    {
        string asked = http.Request.Path.ToUriComponent();
        int end = 0;
        for (int above = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.PathSegments.Count - operation.Path.Count('/') ?? 0; above > 0; above--)
        {
            end = asked.IndexOf('/', end + 1);
        }

        return http.Request.PathBase.ToUriComponent() + asked[..end] + path;
    }
}
