using System.Buffers;
using System.Numerics.Tensors;
using System.Text;
using System.Text.Json;

namespace Providers.Memory;

/// <summary>Collects everything that is wrong with an input, each error with its field, what was given and what is allowed.</summary>
internal sealed partial class MemoryCheck(MemoryLimits limits, TimeProvider clock)
{
    /// <summary>How many links one answer holds at most.</summary>
    public const int MostLinks = 100_000;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");
    private static readonly SearchValues<char> KindCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    private readonly List<string> _errors = [];

    /// <exception cref="MemoryValidationException">Something was wrong.</exception>
    public void Throw()
    {
        if (_errors.Count > 0)
        {
            throw new MemoryValidationException([.. _errors]);
        }
    }

    public MemoryCheck Scope(MemoryScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        Name("tenant", scope.Tenant, 128, NameCharacters, "A-Z a-z 0-9 . _ : -");
        Name("namespace", scope.Namespace, 128, NameCharacters, "A-Z a-z 0-9 . _ : -");
        return this;
    }

    /// <summary>Refuses a tenant that is the suite's own: nobody outside of it writes or searches there.</summary>
    public MemoryCheck Open(MemoryScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        if (scope.Tenant is not null && scope.IsReserved)
        {
            _errors.Add($"tenant: '{scope.Tenant}' begins with '{MemoryScope.ReservedTenantPrefix}', which is kept for the suite's own records; take another name.");
        }

        return this;
    }

    public MemoryCheck Id(string field, string? id)
    {
        Name(field, id, 128, NameCharacters, "A-Z a-z 0-9 . _ : -");
        return this;
    }

    public MemoryCheck Transaction(MemoryTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        Scope(transaction.Scope);
        int count = transaction.Operations?.Count ?? 0;
        if (count == 0 || count > limits.Operations)
        {
            _errors.Add($"operations: {count} were given; 1 to {limits.Operations} are allowed.");
            return this;
        }

        if (transaction.IdempotencyKey is { } key && (key.Length is 0 or > 128 || key.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            _errors.Add($"idempotency_key: has {key.Length} characters; 1 to 128 printable ASCII characters without spaces are allowed.");
        }

        if (transaction.Fingerprint is { } fingerprint)
        {
            Length("fingerprint", fingerprint, 1, 128);
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string at = count == 1 ? "" : $"operations[{i}].";
            MemoryOperation operation = transaction.Operations![i];
            string id = Operation(at, operation);
            if (operation is not (MemoryLink or MemoryUnlink) && id.Length > 0 && !seen.Add(id))
            {
                _errors.Add($"{at}id: '{id}' is in the transaction twice; each memory may be changed once.");
            }
        }

        return this;
    }

    public MemoryCheck Error(string error)
    {
        _errors.Add(error);
        return this;
    }

    private string Operation(string at, MemoryOperation operation)
    {
        switch (operation)
        {
            case MemoryUpsert { Record: { } record } upsert:
                Record(at, record);
                Version(at, upsert.ExpectedVersion, 0);
                if (upsert.KeepTimes)
                {
                    Past(at + "created", record.Created);
                    Past(at + "updated", record.Updated);
                }

                return record.Id ?? "";
            case MemoryPatch patch:
                Name(at + "id", patch.Id, 128, NameCharacters, "A-Z a-z 0-9 . _ : -");
                Version(at, patch.ExpectedVersion, 1);
                Patch(at, patch);
                return patch.Id ?? "";
            case MemoryEmbed embed:
                Name(at + "id", embed.Id, 128, NameCharacters, "A-Z a-z 0-9 . _ : -");
                Version(at, embed.ExpectedVersion, 1);
                Vector(at + "vector", embed.Vector, embed.VectorSpace);
                return embed.Id ?? "";
            case MemoryLink link:
                return Link(at, link.From, link.Relation, link.To);
            case MemoryUnlink link:
                return Link(at, link.From, link.Relation, link.To);
            case MemoryDelete delete:
                Name(at + "id", delete.Id, 128, NameCharacters, "A-Z a-z 0-9 . _ : -");
                Version(at, delete.ExpectedVersion, 1);
                return delete.Id ?? "";
            default:
                _errors.Add($"{at.TrimEnd('.')}: is missing.");
                return "";
        }
    }

    private void Record(string at, MemoryRecord record)
    {
        if (!string.IsNullOrEmpty(record.Id))
        {
            Name(at + "id", record.Id, 128, NameCharacters, "A-Z a-z 0-9 . _ : -");
        }

        Name(at + "kind", record.Kind, 32, KindCharacters, "A-Z a-z 0-9 . _ -");
        Text(at + "text", record.Text);
        Tags(at + "tags", record.Tags);
        Metadata(at + "metadata", record.Metadata);
        Share(at + "importance", record.Importance);
        Expiry(at + "expires", record.Expires);
        Past(at + "archived", record.Archived ?? default);
        Vector(at + "vector", record.Vector, record.VectorSpace);
        Provenance(at + "provenance.", record.Provenance);
    }

    private void Patch(string at, MemoryPatch patch)
    {
        if (patch is { Text: null, Tags: null, Metadata: null, Importance: null, Expires: null, Archived: null, Vector: null })
        {
            _errors.Add($"{at}patch: changes nothing; set at least one of text, tags, metadata, importance, expires, archived, vector.");
        }

        if (patch.Text is not null)
        {
            Text(at + "text", patch.Text);
        }

        if (patch.Tags is not null)
        {
            Tags(at + "tags", patch.Tags);
        }

        if (patch.Metadata is { ValueKind: not JsonValueKind.Null })
        {
            Metadata(at + "metadata", patch.Metadata);
        }

        if (patch.Importance is { } importance)
        {
            Share(at + "importance", importance);
        }

        if (patch.Expires != DateTimeOffset.MaxValue)
        {
            Expiry(at + "expires", patch.Expires);
        }

        Vector(at + "vector", patch.Vector, patch.VectorSpace);
    }

    private string Link(string at, string from, MemoryRelation relation, string to)
    {
        Name(at + "from", from, 128, NameCharacters, "A-Z a-z 0-9 . _ : -");
        Name(at + "to", to, 128, NameCharacters, "A-Z a-z 0-9 . _ : -");
        Relation(at + "relation", relation);
        if (from == to)
        {
            _errors.Add($"{at}to: is '{Shown(to)}', as from is; a memory is not linked to itself.");
        }

        return from ?? "";
    }

    private void Relation(string field, MemoryRelation relation)
    {
        if (!Enum.IsDefined(relation))
        {
            _errors.Add($"{field}: is {(int)relation}, which is none of {string.Join(", ", Enum.GetNames<MemoryRelation>())}.");
        }
    }

    private void Past(string field, DateTimeOffset time)
    {
        if (time > clock.GetUtcNow())
        {
            _errors.Add($"{field}: is {time:O}, in the future; it is {clock.GetUtcNow():O} now.");
        }
    }

    private void Version(string at, long? version, long least)
    {
        if (version < least)
        {
            _errors.Add($"{at}expected_version: is {version}; it must be at least {least}.");
        }
    }

    private void Name(string field, string? value, int most, SearchValues<char> allowed, string words)
    {
        if (value is null || value.Length == 0 || value.Length > most || value.AsSpan().ContainsAnyExcept(allowed))
        {
            _errors.Add($"{field}: '{Shown(value)}' is not 1 to {most} characters of {words}.");
        }
    }

    private void Text(string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text) || OnlyMarks(text))
        {
            _errors.Add($"{field}: is empty; it must have 1 to {limits.TextBytes} bytes that are not all white space or combining marks.");
        }
        else if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > limits.TextBytes)
        {
            _errors.Add($"{field}: has {bytes} bytes of UTF-8; at most {limits.TextBytes} are allowed.");
        }

        Characters(field, text);
    }

    private void Characters(string field, string? text)
    {
        if (text is null)
        {
            return;
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            _errors.Add($"{field}: has the character U+0000 at {text.IndexOf('\0', StringComparison.Ordinal)}; it cannot be stored.");
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])))
            {
                _errors.Add($"{field}: has half of a surrogate pair at {i}; it is no text.");
                return;
            }

            i += char.IsSurrogate(text[i]) ? 1 : 0;
        }
    }

    private static bool OnlyMarks(string text) => text.EnumerateRunes().All(static r => Rune.IsWhiteSpace(r)
        || Rune.GetUnicodeCategory(r) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.EnclosingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark);

    private void Tags(string field, IReadOnlyList<string>? tags)
    {
        if (tags is null || tags.Count > limits.Tags)
        {
            _errors.Add($"{field}: {tags?.Count ?? 0} were given; at most {limits.Tags} are allowed.");
            return;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < tags.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(tags[i]) || tags[i].Length > limits.TagLength)
            {
                _errors.Add($"{field}[{i}]: has {tags[i]?.Length ?? 0} characters; 1 to {limits.TagLength} that are not all white space are allowed.");
            }
            else if (!seen.Add(tags[i]))
            {
                _errors.Add($"{field}[{i}]: '{Shown(tags[i])}' is there twice.");
            }

            Characters($"{field}[{i}]", tags[i]);
        }
    }

    private void Expiry(string field, DateTimeOffset? expires)
    {
        if (expires <= clock.GetUtcNow())
        {
            _errors.Add($"{field}: {expires:O} is not in the future.");
        }
    }

    private bool Vector(string field, ReadOnlyMemory<float>? vector, string? space)
    {
        if (vector is null != space is null)
        {
            _errors.Add($"{field}: a vector and its space go together; {(vector is null ? "the vector" : "the space")} is missing.");
            return false;
        }

        if (vector is not { } numbers)
        {
            return false;
        }

        if (numbers.Length is 0 || numbers.Length > limits.Dimensions)
        {
            _errors.Add($"{field}: has {numbers.Length} dimensions; 1 to {limits.Dimensions} are allowed.");
        }
        else if (!float.IsFinite(TensorPrimitives.Sum(numbers.Span)) && numbers.Span.IndexOfNotFinite() is >= 0 and var at)
        {
            _errors.Add($"{field}: component {at} is {numbers.Span[at]}; all must be finite.");
        }
        else if (numbers.Span.IndexOfAnyExcept(0f) < 0)
        {
            _errors.Add($"{field}: all {numbers.Length} components are zero; it points nowhere.");
        }

        if (space!.Length is 0 or > 128)
        {
            _errors.Add($"{field}_space: has {space.Length} characters; 1 to 128 are allowed.");
        }

        Characters($"{field}_space", space);

        return true;
    }

    private void Provenance(string at, MemoryProvenance? provenance)
    {
        if (provenance is null)
        {
            return;
        }

        Length(at + "source", provenance.Source, 1, 128);
        Length(at + "actor", provenance.Actor, 0, 128);
        Share(at + "trust", provenance.Trust);
        if (provenance.Evidence is null || provenance.Evidence.Count > 32)
        {
            _errors.Add($"{at}evidence: {provenance.Evidence?.Count ?? 0} were given; at most 32 are allowed.");
            return;
        }

        foreach (string evidence in provenance.Evidence)
        {
            Length(at + "evidence", evidence, 1, 2_048);
        }
    }

    private void Length(string field, string? value, int least, int most)
    {
        if ((value?.Length ?? 0) < least || value?.Length > most)
        {
            _errors.Add($"{field}: has {value?.Length ?? 0} characters; {least} to {most} are allowed.");
        }

        Characters(field, value);
    }

    private void Range(string field, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            _errors.Add($"{field}: is {value}; {least} to {most} is allowed.");
        }
    }

    private void Share(string field, double value)
    {
        if (!(value >= 0 && value <= 1))
        {
            _errors.Add($"{field}: is {value}; 0 to 1 is allowed.");
        }
    }

    private static string Shown(string? value) => value is null ? "" : value.Length <= 40 ? value : value[..40] + "...";
}
