using System.Security.Cryptography;

namespace Providers.Memory;

/// <summary>AES-256-GCM: a random nonce of 12 bytes, the ciphertext, a tag of 16 bytes, bound to what is said beside it.</summary>
internal static class Envelope
{
    private const int Nonce = 12, Tag = 16;

    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> beside)
    {
        byte[] sealedBytes = new byte[Nonce + plain.Length + Tag];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, Nonce));
        using AesGcm aes = new(key, Tag);
        aes.Encrypt(sealedBytes.AsSpan(0, Nonce), plain, sealedBytes.AsSpan(Nonce, plain.Length), sealedBytes.AsSpan(Nonce + plain.Length), beside);
        return sealedBytes;
    }

    /// <exception cref="CryptographicException">It was altered, moved, or sealed with another key.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> beside)
    {
        if (sealedBytes.Length < Nonce + Tag)
        {
            throw new CryptographicException($"A ciphertext of {sealedBytes.Length} bytes is too short; it was cut.");
        }

        byte[] plain = new byte[sealedBytes.Length - Nonce - Tag];
        using AesGcm aes = new(key, Tag);
        aes.Decrypt(sealedBytes[..Nonce], sealedBytes[Nonce..^Tag], sealedBytes[^Tag..], plain, beside);
        return plain;
    }
}
