using System.Security.Cryptography;
using System.Text;

namespace Providers.Memory;

/// <summary>Wraps keys with 256-bit keys that the host holds itself (AES-256-GCM).</summary>
public sealed class LocalKeyProvider : IMemoryKeyProvider
{
    private readonly Dictionary<string, byte[]> _keys;
    private readonly string _current;

    /// <summary>Creates a provider.</summary>
    /// <param name="keys">The keys by id, each of 32 bytes; earlier ones stay for what they wrapped.</param>
    /// <param name="current">The id of the key that wraps from now on.</param>
    /// <exception cref="ArgumentException">A key has another length, or the current one is missing.</exception>
    public LocalKeyProvider(IReadOnlyDictionary<string, byte[]> keys, string current)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _keys = keys.ToDictionary(static k => k.Key, static k => k.Value.Length == 32 ? k.Value : throw new ArgumentException($"Key '{k.Key}' has {k.Value.Length} bytes; 32 are needed.", nameof(keys)), StringComparer.Ordinal);
        _current = _keys.ContainsKey(current) ? current : throw new ArgumentException($"There is no key '{current}'.", nameof(current));
    }

    /// <summary>Reads keys from text: a line for each, <c>id:base64</c>; the last one wraps from now on. For a file, or a variable of the environment.</summary>
    /// <param name="text">The lines.</param>
    /// <returns>The provider.</returns>
    /// <exception cref="FormatException">A line is none; the message does not show it.</exception>
    public static LocalKeyProvider Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Dictionary<string, byte[]> keys = new(StringComparer.Ordinal);
        string current = "";
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < lines.Length; i++)
        {
            int colon = lines[i].IndexOf(':', StringComparison.Ordinal);
            byte[] key = new byte[32];
            if (colon <= 0 || !Convert.TryFromBase64String(lines[i][(colon + 1)..], key, out int length) || length != 32)
            {
                throw new FormatException($"Line {i + 1} of the keys is not an id, a colon and 32 bytes in base64.");
            }

            current = lines[i][..colon];
            keys[current] = key;
        }

        return keys.Count == 0 ? throw new FormatException("There is no key.") : new LocalKeyProvider(keys, current);
    }

    /// <inheritdoc/>
    public ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default) =>
        new(new WrappedKey(_current, Envelope.Seal(_keys[_current], key.Span, Encoding.UTF8.GetBytes("wrap|" + _current))));

    /// <inheritdoc/>
    public ValueTask<byte[]> UnwrapAsync(WrappedKey wrapped, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wrapped);
        return _keys.TryGetValue(wrapped.KeyId, out byte[]? key) ? new(Envelope.Open(key, wrapped.Bytes.Span, Encoding.UTF8.GetBytes("wrap|" + wrapped.KeyId)))
            : throw new CryptographicException($"The key '{wrapped.KeyId}' that wrapped a tenant's key is not among those given.");
    }
}
