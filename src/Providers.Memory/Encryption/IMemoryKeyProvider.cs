namespace Providers.Memory;

/// <summary>Wraps the tenants' keys with a key of its own, which never leaves it: a file, the environment, or a key management service. Safe for concurrent use.</summary>
public interface IMemoryKeyProvider
{
    /// <summary>Wraps a key with the present key-encrypting key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The wrapped key, and which key wrapped it.</returns>
    ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default);

    /// <summary>Unwraps a key.</summary>
    /// <param name="wrapped">The wrapped key.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The key.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The wrapping key is unknown or another one.</exception>
    ValueTask<byte[]> UnwrapAsync(WrappedKey wrapped, CancellationToken cancellationToken = default);
}

/// <summary>A key that was wrapped.</summary>
/// <param name="KeyId">The key that wrapped it, 1 to 128 characters.</param>
/// <param name="Bytes">The wrapped key.</param>
public sealed record WrappedKey(string KeyId, ReadOnlyMemory<byte> Bytes);
