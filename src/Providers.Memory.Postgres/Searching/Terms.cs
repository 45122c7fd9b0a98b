using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Providers.Memory.Postgres;

/// <summary>
/// Words and labels as the index has them: 64 bits of a keyed hash of scope and value. The index so holds no text, needs no wall between tenants,
/// never mixes their frequencies, and no value of a query can be an operator in it.
/// </summary>
internal sealed class Terms(byte[] key, MemoryScope scope)
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuv";
    private const int MostWords = 30_000; // a tsvector has a megabyte; what is longer than any book chapter is found by its first words
    private const int MostTimes = 32; // BM25 saturates long before
    private readonly byte[] _key = SHA256.HashData([.. key, .. Encoding.UTF8.GetBytes($"{scope.Tenant}/{scope.Namespace}")])[..16]; // a word of up to 18 letters so takes one block

    public string Word(string word) => Hash('w', word);

    public string Kind(string kind) => Hash('k', kind);

    public string Tag(string tag) => Hash('t', tag);

    public string Source(string source) => Hash('s', source);

    /// <summary>A top-level value of metadata; <see langword="null"/> where it is nothing that can be asked for.</summary>
    public string? Value(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Hash('m', $"{name.Length} {name} s {value.GetString()}"),
        JsonValueKind.Number => Hash('m', string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name.Length} {name} n {value.GetDouble() + 0.0:R}")),
        JsonValueKind.True or JsonValueKind.False => Hash('m', $"{name.Length} {name} {value.ValueKind}"),
        _ => null,
    };

    /// <summary>A memory's terms as the text of a tsvector, a word as often as it has positions; and the number of its words.</summary>
    public (string Vector, int Length) Of(MemoryRecord record)
    {
        StringBuilder vector = new();
        List<string> words = Words.Of(record.Text);
        Dictionary<string, int> times = new(StringComparer.Ordinal);
        foreach (string word in words)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(times, word, out bool known);
            count++;
            if (!known && times.Count > MostWords)
            {
                times.Remove(word);
                break;
            }
        }

        foreach ((string word, int count) in times)
        {
            vector.Append(Word(word));
            for (int i = 1; count > 1 && i <= Math.Min(count, MostTimes); i++)
            {
                vector.Append(i == 1 ? ':' : ',').Append(i);
            }

            vector.Append(' ');
        }

        foreach (string label in Labels(record))
        {
            vector.Append(label).Append(' ');
        }

        return (vector.ToString(), words.Count);
    }

    private IEnumerable<string> Labels(MemoryRecord record)
    {
        yield return Kind(record.Kind);
        if (record.Provenance is { Source: { } source })
        {
            yield return Source(source);
        }

        foreach (string tag in record.Tags)
        {
            yield return Tag(tag);
        }

        if (record.Metadata is { ValueKind: JsonValueKind.Object } metadata)
        {
            foreach (JsonProperty property in metadata.EnumerateObject())
            {
                // Of a name that is there twice the last one counts, as it does for those who read it.
                if (metadata.GetProperty(property.Name) is var value && Value(property.Name, value) is { } term)
                {
                    yield return term;
                }
            }
        }
    }

    private string Hash(char domain, string value)
    {
        int length = _key.Length + 2 + (value.Length * 2);
        Span<byte> bytes = length <= 1_024 ? stackalloc byte[length] : new byte[length];
        _key.CopyTo(bytes);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[_key.Length..], (short)domain);
        MemoryMarshal.AsBytes(value.AsSpan()).CopyTo(bytes[(_key.Length + 2)..]);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        ulong bits = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        return string.Create(13, bits, static (text, rest) =>
        {
            for (int i = 0; i < text.Length; i++, rest >>= 5)
            {
                text[i] = Digits[(int)(rest & 31)];
            }
        });
    }
}
