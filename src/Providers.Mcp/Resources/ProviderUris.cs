using ModelContextProtocol.Protocol;

namespace Providers.Mcp.Resources;

/// <summary>Addresses of the catalogue: <c>providers://status</c> and <c>providers://routes/{route}</c>.</summary>
internal static class ProviderUris
{
    private const string Routes = "providers://routes/";

    public static ResourceTemplate Status() => new()
    {
        Name = "provider status",
        Title = "How the providers are doing",
        UriTemplate = "providers://status",
        Description = "Health, circuits, latency and counts of each provider.",
        MimeType = "application/json",
    };

    public static ResourceTemplate Route() => new()
    {
        Name = "route",
        Title = "What a route would do now",
        UriTemplate = "providers://routes/{route}",
        Description = "The targets a request on the route would try now, in order, and why not the others.",
        MimeType = "application/json",
    };

    public static Dictionary<string, object?>? ReadStatus(string uri) => uri.Equals("providers://status", StringComparison.OrdinalIgnoreCase) ? [] : null;

    public static Dictionary<string, object?>? ReadRoute(string uri) =>
        uri.StartsWith(Routes, StringComparison.OrdinalIgnoreCase) && uri.Length > Routes.Length ? new Dictionary<string, object?> { ["route"] = Uri.UnescapeDataString(uri[Routes.Length..]) } : null;
}
