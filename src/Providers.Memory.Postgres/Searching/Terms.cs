using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Providers.Memory.Postgres;

/// <summary>
/// Words and labels as the index has them: 64 bits of a keyed hash of scope and value. The index so holds no text, needs no wall between tenants,
/// and never mixes their frequencies.
/// </summary>
internal sealed class Terms(Layout layout, MemoryScope scope)
{
    private const int MostWords = 30_000; // what is longer than any book chapter is found by its first words
    private readonly Dictionary<string, long> _words = new(StringComparer.Ordinal); // of a batch: its memories share most of their words
    private readonly Dictionary<long, int> _places = []; // of the memory at hand
    private readonly Dictionary<string, (int First, int Count, int Words)> _ahead = new(ReferenceEqualityComparer.Instance); // texts whose terms are worked out: where they lie in these
    private readonly List<long> _hashes = [];
    private readonly List<byte> _times = [];
    private readonly byte[] _key = SHA256.HashData([.. layout.TermKey, .. Encoding.UTF8.GetBytes($"{scope.Tenant}/{scope.Namespace}")])[..16]; // a word of up to 18 letters so takes one block

    private UInt128 Key => BinaryPrimitives.ReadUInt128LittleEndian(_key);

    public long Word(string word) => Hash('w', word);

    public long Kind(string kind) => Hash('k', kind);

    public long Tag(string tag) => Hash('t', tag);

    public long Source(string source) => Hash('s', source);

    /// <summary>A top-level value of metadata; <see langword="null"/> where it is nothing that can be asked for.</summary>
    public long? Value(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Hash('m', $"{name.Length} {name} s {value.GetString()}"),
        JsonValueKind.Number => Hash('m', string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name.Length} {name} n {value.GetDouble() + 0.0:R}")),
        JsonValueKind.True or JsonValueKind.False => Hash('m', $"{name.Length} {name} {value.ValueKind}"),
        _ => null,
    };

    /// <summary>Works out the terms of texts before it is known what becomes of them. Nothing else may be asked for meanwhile.</summary>
    public void WorkAhead(IEnumerable<string> texts)
    {
        foreach (string text in texts)
        {
            int first = _hashes.Count, words = AddWords(_hashes, _times, text);
            _ahead[text] = (first, _hashes.Count - first, words);
        }
    }

    /// <summary>Adds a memory's terms, its words first, and how often it has each.</summary>
    /// <returns>The number of its words.</returns>
    public int AddTo(List<long> hashes, List<byte> times, MemoryRecord record)
    {
        int words;
        if (_ahead.TryGetValue(record.Text, out (int First, int Count, int Words) ready))
        {
            hashes.AddRange(CollectionsMarshal.AsSpan(_hashes).Slice(ready.First, ready.Count));
            times.AddRange(CollectionsMarshal.AsSpan(_times).Slice(ready.First, ready.Count));
            words = ready.Words;
        }
        else
        {
            words = AddWords(hashes, times, record.Text);
        }

        foreach (long label in Labels(record))
        {
            hashes.Add(label);
            times.Add(1);
        }

        return words;
    }

    private int AddWords(List<long> hashes, List<byte> times, string text)
    {
        List<string> words = Words.Of(text);
        _places.Clear();
        foreach (string word in words)
        {
            ref long hash = ref CollectionsMarshal.GetValueRefOrAddDefault(_words, word, out bool hashed);
            hash = hashed ? hash : layout.Hashed.Of(Key, word, Word);
            ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, hash, out bool known);
            if (known)
            {
                times[place] = (byte)Math.Min(byte.MaxValue, times[place] + 1); // BM25 saturates long before
                continue;
            }

            place = hashes.Count;
            hashes.Add(hash);
            times.Add(1);
            if (_places.Count == MostWords)
            {
                break;
            }
        }

        return words.Count;
    }

    private IEnumerable<long> Labels(MemoryRecord record)
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

    private long Hash(char domain, string value)
    {
        int length = _key.Length + 2 + (value.Length * 2);
        Span<byte> bytes = length <= 1_024 ? stackalloc byte[length] : new byte[length];
        _key.CopyTo(bytes);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[_key.Length..], (short)domain);
        MemoryMarshal.AsBytes(value.AsSpan()).CopyTo(bytes[(_key.Length + 2)..]);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
