using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Auth;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;
using Providers.Memory;

namespace Providers.AspNetCore.Memories;

/// <summary>Reads what stands in the address: namespace, limit, cursor, filter.</summary>
internal static class QueryReader
{
    public static MemoryScope Scope(Exchange exchange)
    {
        string space = One(exchange.Request, "namespace") ?? "default";
        return TenantName.IsValid(space) ? new MemoryScope(exchange.Caller.Tenant, space)
            : throw new ApiException("invalid_request", "namespace must be 1 to 128 of A-Z a-z 0-9 . _ : -.", "namespace");
    }

    public static int Number(HttpRequest request, string name, int usual, int least, int most)
    {
        string? text = One(request, name);
        return text is null ? usual
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value
            : throw new ApiException("invalid_request", $"{name} must be {least} to {most}.", name);
    }

    public static MemoryFilter? Filter(HttpRequest request) => FilterBody(request) is { } body ? BodyMapping.Filter(body) : null;

    public static FilterBody? FilterBody(HttpRequest request) => One(request, "filter") is { } json ? JsonText.Parse(Encoding.UTF8.GetBytes(json), MemoryJson.Default.FilterBody) : null;

    /// <summary>Reads a parameter that may be given once.</summary>
    public static string? One(HttpRequest request, string name)
    {
        var values = request.Query[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw new ApiException("invalid_request", $"{name} may be given once.", name),
        };
    }
}
