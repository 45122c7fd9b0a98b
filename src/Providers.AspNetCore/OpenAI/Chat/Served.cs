using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace Providers.AspNetCore.OpenAI;

/// <summary>Says in the response's headers who served, and after how many attempts.</summary>
internal static class Served
{
    public static int Annotate(HttpResponse response, AdditionalPropertiesDictionary? properties, string? model)
    {
        if (properties is null)
        {
            return 0;
        }

        IHeaderDictionary headers = response.Headers;
        if (properties.TryGetValue(ResponseAnnotations.Provider, out object? provider) && provider is string name)
        {
            headers["X-Provider"] = Clean(name);
        }

        if ((properties.TryGetValue(ResponseAnnotations.Model, out object? served) ? served as string : model) is { } id)
        {
            headers["X-Provider-Model"] = Clean(id);
        }

        if (properties.TryGetValue(ResponseAnnotations.Attempts, out object? attempts) && attempts is int count)
        {
            headers["X-Provider-Attempts"] = count < 10 ? s_digits[count] : count.ToString(CultureInfo.InvariantCulture);
            return count;
        }

        return 0;
    }

    private static readonly string[] s_digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>A header holds printable ASCII only; a server's spelling of a model may not.</summary>
    private static string Clean(string value)
    {
        foreach (char c in value)
        {
            if (c is < ' ' or > '~')
            {
                return string.Concat(value.Select(static x => x is < ' ' or > '~' ? '?' : x));
            }
        }

        return value;
    }
}
