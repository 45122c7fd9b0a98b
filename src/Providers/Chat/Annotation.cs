using Microsoft.Extensions.AI;

namespace Providers.Chat;

/// <summary>Writes into an answer who served it.</summary>
internal static class Annotation
{
    // Boxed once: most requests take few attempts.
    private static readonly object[] Counts = [.. Enumerable.Range(0, 16).Select(static n => (object)n)];

    /// <summary>Copies properties and adds who served: a client may hand out the same answer twice, so its own are never changed.</summary>
    public static AdditionalPropertiesDictionary Write(AdditionalPropertiesDictionary? properties, in Served served)
    {
        AdditionalPropertiesDictionary result = properties is { Count: > 0 } ? new(properties) : [];
        result[ResponseAnnotations.Provider] = served.Provider;
        if (served.Model is not null)
        {
            result[ResponseAnnotations.Model] = served.Model;
        }

        result[ResponseAnnotations.Attempts] = served.Attempts < Counts.Length ? Counts[served.Attempts] : served.Attempts;
        if (served.Trail is not null)
        {
            result[ResponseAnnotations.Trail] = served.Trail.ToArray();
        }

        return result;
    }
}
