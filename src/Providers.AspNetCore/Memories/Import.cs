using System.Text.Json;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Reading;
using Providers.Memory;

namespace Providers.AspNetCore.Memories;

/// <summary>Stores lines in batches, each all or none, and knows which line each memory stood on.</summary>
internal sealed class Import(IMemoryService memory, MemoryScope scope, TimeProvider clock)
{
    private readonly List<(long Line, MemoryUpsert Upsert)> _pending = [];

    public long Imported { get; private set; }

    public int Pending => _pending.Count;

    public void Add(long line, ReadOnlySpan<byte> json)
    {
        MemoryView view = JsonText.Parse(json, MemoryJson.Default.MemoryView);
        MemoryRecord record = new()
        {
            Id = view.Id,
            Kind = view.Kind,
            Text = view.Text,
            Tags = view.Tags,
            Metadata = view.Metadata is { ValueKind: JsonValueKind.Null } ? null : view.Metadata,
            Importance = view.Importance,
            Provenance = view.Provenance is { } p ? new MemoryProvenance { Source = p.Source, Actor = p.Actor, Evidence = p.Evidence ?? [], Trust = p.Trust } : null,
            Created = view.CreatedAt,
            Updated = view.UpdatedAt,
            Expires = view.ExpiresAt,
            Archived = view.ArchivedAt,
            Vector = Numbers.Of(view.Vector),
            VectorSpace = view.VectorSpace,
        };
        if (record.Expires > clock.GetUtcNow() || record.Expires is null) // what has been forgotten meanwhile stays forgotten
        {
            _pending.Add((line, new MemoryUpsert(record) { KeepTimes = true }));
        }
    }

    public async ValueTask StoreAsync(CancellationToken cancellationToken)
    {
        if (_pending.Count > 0)
        {
            await memory.ExecuteAsync(new MemoryTransaction(scope, [.. _pending.Select(static p => p.Upsert)]), cancellationToken).ConfigureAwait(false);
            Imported += _pending.Count;
            _pending.Clear();
        }
    }

    /// <summary>Stores what stands before a line that is at fault.</summary>
    public ValueTask StoreBeforeAsync(long line, CancellationToken cancellationToken)
    {
        _pending.RemoveAll(p => p.Line >= line);
        return StoreAsync(cancellationToken);
    }

    /// <summary>Finds the line that an error of a batch is about.</summary>
    public long? LineOf(Exception e)
    {
        const string Mark = "operations[";
        return e is MemoryValidationException { Errors: [{ } first, ..] } && first.StartsWith(Mark, StringComparison.Ordinal)
            && int.TryParse(first.AsSpan(Mark.Length, Math.Max(0, first.IndexOf(']', StringComparison.Ordinal) - Mark.Length)), out int index) && index < _pending.Count
            ? _pending[index].Line
            : e is MemoryValidationException or MemoryConflictException && _pending.Count > 0 ? _pending[e is MemoryConflictException conflict ? conflict.Index : 0].Line : null;
    }
}
