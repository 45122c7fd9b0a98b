using System.Text.Json;

namespace Providers.Memory;

/// <summary>Turns a memory into one that says nothing without its tenant's key, and back.</summary>
internal sealed class Cipher(TenantKeys keys, MemoryEncryptionOptions options)
{
    private const string Body = "$sealed";
    private const string NoWords = "x";

    public bool KeepsVectors => options.Vectors;

    public async ValueTask<MemoryRecord> SealAsync(MemoryScope scope, MemoryRecord record, CancellationToken cancellationToken)
    {
        KeyRing ring = await keys.OfAsync(scope.Tenant, cancellationToken).ConfigureAwait(false);
        return record with
        {
            Text = Words(ring, record.Text),
            Metadata = Wrap(ring.Seal(Write(record), scope, record.Id)),
            Provenance = record.Provenance is { } provenance ? provenance with { Actor = null, Evidence = [] } : null,
            Vector = options.Vectors ? record.Vector : null,
            VectorSpace = options.Vectors ? record.VectorSpace : null,
        };
    }

    public async ValueTask<MemoryRecord> OpenAsync(MemoryScope scope, MemoryRecord record, CancellationToken cancellationToken)
    {
        if (record.Metadata is not { ValueKind: JsonValueKind.Object } metadata || !metadata.TryGetProperty(Body, out JsonElement body))
        {
            return record; // written before encryption was turned on
        }

        string value = body.GetString()!;
        KeyRing ring = await keys.WithAsync(scope.Tenant, KeyRing.KeyOf(value), cancellationToken).ConfigureAwait(false);
        return Read(ring.Open(value, scope, record.Id), record);
    }

    /// <summary>A query's words as the store knows them; <see langword="null"/>: it knows none.</summary>
    public async ValueTask<string?> WordsAsync(MemoryScope scope, string? text, CancellationToken cancellationToken) =>
        !options.BlindWords || string.IsNullOrWhiteSpace(text) ? null : Words(await keys.OfAsync(scope.Tenant, cancellationToken).ConfigureAwait(false), text);

    private string Words(KeyRing ring, string text) =>
        options.BlindWords && Providers.Memory.Words.Of(text) is { Count: > 0 } words ? string.Join(' ', words.Select(ring.Blind)) : NoWords;

    private static JsonElement Wrap(string value)
    {
        using JsonDocument document = JsonDocument.Parse($"{{\"{Body}\":\"{value}\"}}"); // base64, dots and hexadecimal digits: nothing to escape
        return document.RootElement.Clone();
    }

    private static byte[] Write(MemoryRecord record)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartArray();
            json.WriteStringValue(record.Text);
            json.WriteStringValue(record.Metadata?.GetRawText());
            json.WriteStringValue(record.Provenance?.Actor);
            foreach (string evidence in record.Provenance?.Evidence ?? [])
            {
                json.WriteStringValue(evidence);
            }

            json.WriteEndArray();
        }

        return stream.ToArray();
    }

    private static MemoryRecord Read(byte[] plain, MemoryRecord record)
    {
        using JsonDocument document = JsonDocument.Parse(plain);
        JsonElement json = document.RootElement;
        return record with
        {
            Text = json[0].GetString()!,
            Metadata = json[1].GetString() is { } metadata ? Parse(metadata) : null,
            Provenance = record.Provenance is { } provenance ? provenance with { Actor = json[2].GetString(), Evidence = [.. json.EnumerateArray().Skip(3).Select(static e => e.GetString()!)] } : null,
        };
    }

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
