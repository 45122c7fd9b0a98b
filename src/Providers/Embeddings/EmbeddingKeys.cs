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
    /// <summary>Names the space of a target's vectors: the declared one, else the model.</summary>
    /// <returns><see langword="null"/> when nobody knows it: the server's own default model.</returns>
    public static string? SpaceOf(TargetPlan? target, string? named) => target?.Model?.VectorSpace ?? target?.ModelId ?? named;

    /// <summary>The beginning of the keys of a request.</summary>
    /// <returns><see langword="null"/> when its options may change what comes back.</returns>
    public static string? PrefixOf(string space, EmbeddingGenerationOptions? options)
    {
        bool plain = options is null
            || (options.RawRepresentationFactory is null && (options.AdditionalProperties?.Keys.All(static k => k == RequestPreferences.Key) ?? true));
        return plain ? string.Create(CultureInfo.InvariantCulture, $"providers:embedding:{space}:{options?.Dimensions}:") : null;
    }

    // The hash is of UTF-16, so that texts with broken surrogates do not become one.
    public static string Of(string prefix, string text) =>
        prefix + Base64Url.EncodeToString(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())));
}
