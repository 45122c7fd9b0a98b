namespace Providers.OpenAI;

/// <summary>Our sentence for a failure the server did not put into words.</summary>
internal static class Words
{
    public static string For(int status, bool page) => (status, page) switch
    {
        (404, _) => "The server has no such path; the endpoint usually ends with /v1.",
        (401 or 403, _) => "The server refused the key; check ApiKey.",
        (429, _) => "The server answered that there are too many requests.",
        ( >= 300 and < 400, _) => $"The server redirected the request with status {status}; set Endpoint to the final address.",
        (200, true) => "The server answered with a page, not with JSON; a proxy may stand before it, or the endpoint is wrong.",
        (200, false) => "The server answered with an error that it did not explain.",
        (_, true) => $"The server answered with status {status} and a page, not with JSON; a proxy may stand before it.",
        _ => $"The server answered with status {status} and no message.",
    };
}
