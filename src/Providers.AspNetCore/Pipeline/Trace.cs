using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Providers.AspNetCore.Pipeline;

/// <summary>The id under which an operator finds a request in logs and traces.</summary>
internal static class Trace
{
    public static string IdOf(HttpContext http) => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString() : http.TraceIdentifier;
}
