using System.Security.Cryptography;
using System.Text;

namespace Providers.AspNetCore.Auth;

/// <summary>How keys are spelled: <c>ms_live_</c>, eight characters of id, <c>_</c>, 43 of secret (256 bits), <c>_</c>, six that check the spelling.</summary>
/// <remarks>The prefix makes a leaked key easy to search for; the check tells a mistyped key from a wrong one without a look-up.</remarks>
internal static class ApiKeyFormat
{
    public const string Prefix = "ms_live_";
    public const int IdLength = 8;
    private const int SecretLength = 43;
    private const int CheckLength = 6;
    private const int Length = 8 + IdLength + 1 + SecretLength + 1 + CheckLength;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>Makes a key.</summary>
    public static string Create()
    {
        string body = $"{Prefix}{RandomNumberGenerator.GetString(Alphabet, IdLength)}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";
        Span<char> check = stackalloc char[CheckLength];
        WriteCheck(body, check);
        return $"{body}_{check}";
    }

    public static string IdOf(string key) => key.Substring(Prefix.Length, IdLength);

    public static bool IsWellFormed(ReadOnlySpan<char> key)
    {
        if (key.Length != Length || !key.StartsWith(Prefix) || key[Prefix.Length + IdLength] != '_' || key[^(CheckLength + 1)] != '_')
        {
            return false;
        }

        Span<char> check = stackalloc char[CheckLength];
        WriteCheck(key[..^(CheckLength + 1)], check);
        return key[^CheckLength..].SequenceEqual(check);
    }

    public static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(key)));

    /// <summary>Compares in a time that tells nothing.</summary>
    public static bool Matches(string key, string hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Span<byte> actual = stackalloc byte[32];
        Span<byte> expected = stackalloc byte[32];
        Encoding.ASCII.GetBytes(key, bytes);
        SHA256.HashData(bytes, actual);
        return Convert.FromHexString(hash, expected, out _, out int written) is System.Buffers.OperationStatus.Done && written == 32
            && CryptographicOperations.FixedTimeEquals(actual, expected);
    }

    private static void WriteCheck(ReadOnlySpan<char> body, Span<char> check)
    {
        Span<byte> bytes = stackalloc byte[Length];
        int count = Encoding.ASCII.GetBytes(body, bytes);
        uint crc = Crc(bytes[..count]);
        for (int i = check.Length - 1; i >= 0; i--)
        {
            check[i] = Alphabet[(int)(crc % 62)];
            crc /= 62;
        }
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc = System.Numerics.BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

}
