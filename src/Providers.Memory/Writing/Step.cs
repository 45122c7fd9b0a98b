using System.Text.Json;

namespace Providers.Memory;

/// <summary>What one operation does to one memory: decided from what is there, carried out by the store.</summary>
/// <param name="After">The memory from now on; <see langword="null"/>: it is gone, or was not there.</param>
/// <param name="Outcome">What the caller is told.</param>
internal sealed record Step(MemoryRecord? After, MemoryOutcome Outcome)
{
    /// <summary>Decides.</summary>
    /// <param name="index">The operation's place, for the exception.</param>
    /// <param name="operation">The operation, validated.</param>
    /// <param name="current">What is there; <see langword="null"/>: nothing that has not expired.</param>
    /// <param name="now">The time of the change.</param>
    /// <exception cref="MemoryConflictException">The version is another one.</exception>
    public static Step Decide(int index, MemoryOperation operation, MemoryRecord? current, DateTimeOffset now) => operation switch
    {
        MemoryUpsert upsert => Upsert(index, upsert, current, now),
        MemoryPatch patch => Patch(index, patch, current, now),
        MemoryEmbed embed => Embed(index, embed, current),
        MemoryDelete delete => Delete(index, delete, current),
        _ => throw new InvalidOperationException($"{operation.GetType().Name} is no operation."),
    };

    /// <summary>The id an operation is about; a new one for a memory without.</summary>
    public static string IdOf(MemoryOperation operation, DateTimeOffset now) => operation switch
    {
        MemoryUpsert { Record.Id: { Length: > 0 } id } => id,
        MemoryUpsert => Guid.CreateVersion7(now).ToString(),
        MemoryPatch patch => patch.Id,
        MemoryEmbed embed => embed.Id,
        _ => ((MemoryDelete)operation).Id,
    };

    public Step WithId(string id) => After is null ? this : this with { After = After with { Id = id }, Outcome = Outcome with { Id = id } };

    private static Step Upsert(int index, MemoryUpsert upsert, MemoryRecord? current, DateTimeOffset now)
    {
        MemoryRecord record = upsert.Record;
        Expect(index, record.Id, upsert.ExpectedVersion, current);
        long version = (current?.Version ?? 0) + 1;
        return new Step(
            record with
            {
                Created = upsert.KeepTimes && record.Created != default ? record.Created : current?.Created ?? now,
                Updated = upsert.KeepTimes && record.Updated != default ? record.Updated : now,
                Version = version,
                Metadata = record.Metadata?.Clone(),
            },
            new MemoryOutcome(current is null ? MemoryChange.Created : MemoryChange.Updated, record.Id, version));
    }

    private static Step Patch(int index, MemoryPatch patch, MemoryRecord? current, DateTimeOffset now)
    {
        if (current is null)
        {
            throw new MemoryConflictException(index, patch.Id, patch.ExpectedVersion, null);
        }

        Expect(index, patch.Id, patch.ExpectedVersion, current);
        bool reworded = patch.Text is not null && patch.Text != current.Text;
        MemoryRecord after = current with
        {
            Text = patch.Text ?? current.Text,
            Tags = patch.Tags ?? current.Tags,
            Metadata = patch.Metadata is { } metadata ? metadata.ValueKind is JsonValueKind.Null ? null : metadata.Clone() : current.Metadata,
            Importance = patch.Importance ?? current.Importance,
            Expires = patch.Expires is { } expires ? expires == DateTimeOffset.MaxValue ? null : expires : current.Expires,
            Vector = patch.Vector ?? (reworded ? null : current.Vector), // a vector of other words would lie
            VectorSpace = patch.Vector is not null ? patch.VectorSpace : reworded ? null : current.VectorSpace,
            Archived = patch.Archived switch { true => current.Archived ?? now, false => null, null => current.Archived },
            Updated = now,
            Version = current.Version + 1,
        };
        return new Step(after, new MemoryOutcome(MemoryChange.Updated, patch.Id, after.Version));
    }

    private static Step Embed(int index, MemoryEmbed embed, MemoryRecord? current)
    {
        if (current is null)
        {
            throw new MemoryConflictException(index, embed.Id, embed.ExpectedVersion, null);
        }

        Expect(index, embed.Id, embed.ExpectedVersion, current);
        return new Step(current with { Vector = embed.Vector, VectorSpace = embed.VectorSpace }, new MemoryOutcome(MemoryChange.Updated, embed.Id, current.Version));
    }

    private static Step Delete(int index, MemoryDelete delete, MemoryRecord? current)
    {
        Expect(index, delete.Id, delete.ExpectedVersion, current);
        return new Step(null, new MemoryOutcome(current is null ? MemoryChange.NotFound : MemoryChange.Deleted, delete.Id, 0));
    }

    private static void Expect(int index, string id, long? expected, MemoryRecord? current)
    {
        if (expected is { } version && version != (current?.Version ?? 0))
        {
            throw new MemoryConflictException(index, id, version, current?.Version);
        }
    }
}
