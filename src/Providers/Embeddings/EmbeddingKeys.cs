using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.AI;
using Providers.Plans;

namespace Providers.Embeddings;

/// <summary>The cache's keys: vector space, dimensions and a hash of the text. No text is ever part of a key.</summary>
internal static class EmbeddingKeys
{
    /// <summary>Names the space of a request's vectors.</summary>
    /// <returns><see langword="null"/> when nobody knows it: the server's own default model, or options that may change what comes back.</returns>
    public static string? SpaceOf(TargetPlan? target, string? named, EmbeddingGenerationOptions? options)
    {
        bool plain = options is null
            || (options.RawRepresentationFactory is null && (options.AdditionalProperties?.Keys.All(static k => k == RequestPreferences.Key) ?? true));
        string? space = target?.Model?.VectorSpace ?? target?.ModelId ?? named;
        return plain && space is not null
            ? string.Create(CultureInfo.InvariantCulture, $"providers:embedding:{space}:{options?.Dimensions}:")
            : null;
    }

    // The hash is of UTF-16, so that texts with broken surrogates do not become one.
    public static string Of(string space, string text) =>
        space + Base64Url.EncodeToString(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())));
}
