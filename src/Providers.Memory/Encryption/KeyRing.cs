using System.Security.Cryptography;
using System.Text;

namespace Providers.Memory;

/// <summary>The unwrapped keys of one tenant. Immutable.</summary>
internal sealed class KeyRing(string current, IReadOnlyDictionary<string, byte[]> keys, byte[] index)
{
    public string Current => current;

    public bool Has(string key) => keys.ContainsKey(key);

    /// <summary>Seals with the current key: format 1, the key's id, the envelope; in base64.</summary>
    public string Seal(ReadOnlySpan<byte> plain, MemoryScope scope, string id) =>
        $"1.{current}.{Convert.ToBase64String(Envelope.Seal(keys[current], plain, Beside(scope, id, current)))}";

    /// <exception cref="CryptographicException">It was altered or belongs to another memory, or its key was destroyed.</exception>
    public byte[] Open(string value, MemoryScope scope, string id)
    {
        string[] parts = value.Split('.', 3);
        return parts is ["1", var key, var body] && keys.TryGetValue(key, out byte[]? secret)
            ? Envelope.Open(secret, Convert.FromBase64String(body), Beside(scope, id, key))
            : throw new CryptographicException($"Memory '{id}' was encrypted in a way, or with a key, that is not known here.");
    }

    /// <summary>The key a sealed value names.</summary>
    public static string KeyOf(string value) => value.Split('.', 3) is [_, var key, _] ? key : "";

    /// <summary>What stands for a word: 80 bits of its HMAC, in letters and digits.</summary>
    public string Blind(string word) => Convert.ToHexStringLower(HMACSHA256.HashData(index, Encoding.UTF8.GetBytes(word)).AsSpan(0, 10));

    private static byte[] Beside(MemoryScope scope, string id, string key) => Encoding.UTF8.GetBytes($"{scope.Tenant}|{scope.Namespace}|{id}|body|{key}");
}
