using System.Globalization;
using System.Text;

namespace Providers.Memory.Sqlite;

/// <summary>Writes memories within the writer's open transaction: row, words, tags, history, links and the log of vector changes.</summary>
internal sealed class RowWriter(Statements sql)
{
    private const int MostKnown = 100_000; // numbers remembered; then they are asked for again
    private readonly List<VectorChange> _vectors = [];
    private readonly Dictionary<MemoryScope, long> _scopes = [];
    private readonly Dictionary<(long Scope, string Name), (long Number, int Dimensions)> _spaces = [];

    public Statements Sql => sql;

    public IReadOnlyList<VectorChange> VectorChanges => _vectors;

    public long LastChange { get; private set; }

    /// <summary>Begins a group.</summary>
    public void Begin()
    {
        _vectors.Clear();
        if (_scopes.Count + _spaces.Count > MostKnown)
        {
            Forget();
        }
    }

    /// <summary>Drops what a group that was undone had done, and whatever numbers it may have learned.</summary>
    public void Forget()
    {
        _vectors.Clear();
        _scopes.Clear();
        _spaces.Clear();
    }

    /// <summary>The number of a scope; <see langword="null"/>: nothing was ever written there.</summary>
    public long? Number(MemoryScope scope)
    {
        if (!_scopes.TryGetValue(scope, out long number))
        {
            if (sql.ScopeOf(scope) is not { } known)
            {
                return null;
            }

            _scopes[scope] = number = known;
        }

        return number;
    }

    /// <summary>The number of a scope, which it is given where it has none.</summary>
    public long ScopeOf(MemoryScope scope)
    {
        if (Number(scope) is { } known)
        {
            return known;
        }

        sql.Run("INSERT INTO scope (tenant, namespace) VALUES (?1, ?2)", scope.Tenant, scope.Namespace);
        return _scopes[scope] = sql.LastRow;
    }

    /// <summary>A space of a scope; <see langword="null"/>: there is none of that name.</summary>
    public (long Number, int Dimensions)? Space(long scope, string name)
    {
        if (!_spaces.TryGetValue((scope, name), out (long, int) space))
        {
            using Rows rows = sql.Read("SELECT number, dimensions FROM space WHERE scope = ?1 AND name = ?2", scope, name);
            if (!rows.Read())
            {
                return null;
            }

            _spaces[(scope, name)] = space = (rows.Int64(0), rows.Int32(1));
        }

        return space;
    }

    public (long Row, MemoryRecord Record)? Find(long scope, string id)
    {
        using Rows rows = sql.Read($"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.scope = ?1 AND m.id = ?2", scope, id);
        return rows.Read() ? RecordRow.Read(rows) : null;
    }

    /// <summary>Removes a memory with its words, tags, vector, history and links.</summary>
    public void Remove(long scope, long row, MemoryRecord record)
    {
        Unword(scope, row, record.Text);
        Untag(scope, row, record.Tags);
        if (record is { Archived: null, VectorSpace: { } name })
        {
            Log(SpaceOf(scope, name, record.Vector!.Value.Length), row, null);
        }

        ForgetPast(row);
        sql.Run("DELETE FROM vector WHERE row = ?1", row);
        sql.Run("DELETE FROM memory WHERE row = ?1", row);
    }

    /// <summary>Stores a memory, in the place of the one that was there. Only what differs is written.</summary>
    /// <param name="scope">The scope's number.</param>
    /// <param name="before">What was there; it has expired when <paramref name="current"/> is <see langword="false"/>.</param>
    /// <param name="current">Whether what was there is an earlier version of the same memory.</param>
    /// <param name="record">The memory.</param>
    /// <param name="keepHistory">Whether what was there is kept.</param>
    public void Put(long scope, (long Row, MemoryRecord Record)? before, bool current, MemoryRecord record, bool keepHistory)
    {
        if (before is { } old && !current)
        {
            ForgetPast(old.Row);
        }
        else if (before is { } version && keepHistory && version.Record.Version != record.Version)
        {
            Keep(version.Row);
        }

        MemoryRecord? was = before?.Record;
        (long Number, int Dimensions)? space = record is { Vector: { } vector, VectorSpace: { } name } ? SpaceOf(scope, name, vector.Length) : null;
        long row = PutRow(scope, before?.Row, record, space?.Number);
        if (was?.Text != record.Text)
        {
            if (was is not null)
            {
                Unword(scope, row, was.Text);
            }

            sql.Run("INSERT INTO words (rowid, scope, text) VALUES (?1, ?2, ?3)", row, ScopeWord(scope), record.Text);
        }

        if (was is null || !was.Tags.SequenceEqual(record.Tags))
        {
            Untag(scope, row, was?.Tags ?? []);
            foreach (string tag in record.Tags)
            {
                sql.Run("INSERT INTO tag VALUES (?1, ?2, ?3)", scope, tag, row);
            }
        }

        PutVector(scope, row, was, record, space);
    }

    /// <summary>Whether a link is there.</summary>
    public bool IsLinked(long scope, MemoryLink link) => sql.Scalar<long>(
        "SELECT 1 FROM memory a JOIN memory b ON b.scope = ?1 AND b.id = ?4 JOIN link l ON l.origin = a.row AND l.relation = ?3 AND l.target = b.row WHERE a.scope = ?1 AND a.id = ?2",
        scope, link.From, (long)link.Relation, link.To) == 1;

    /// <summary>Makes a link between memories that are there, or takes one away.</summary>
    public void Link(long scope, MemoryLink link, bool wanted) => sql.Run(
        wanted
            ? "INSERT INTO link SELECT ?1, a.row, ?3, b.row FROM memory a JOIN memory b ON b.scope = ?1 AND b.id = ?4 WHERE a.scope = ?1 AND a.id = ?2 ON CONFLICT DO NOTHING"
            : "DELETE FROM link WHERE relation = ?3 AND origin = (SELECT row FROM memory WHERE scope = ?1 AND id = ?2) AND target = (SELECT row FROM memory WHERE scope = ?1 AND id = ?4)",
        scope, link.From, (long)link.Relation, link.To);

    /// <summary>The word every memory of a scope has in the index of words: a search asks for it, and so never leaves the scope.</summary>
    public static string ScopeWord(long scope) => string.Create(CultureInfo.InvariantCulture, $"s{scope}");

    private long PutRow(long scope, long? row, MemoryRecord record, long? space)
    {
        ReadOnlySpan<object?> values =
        [
            row, scope, record.Id, record.Kind, record.Text, RecordText.WriteTexts(record.Tags), record.Metadata?.GetRawText(), record.Importance, record.Provenance?.Source,
            RecordText.WriteProvenance(record.Provenance), record.Created.UtcTicks, record.Updated.UtcTicks, record.Expires?.UtcTicks, record.Version, space,
            (long)Encoding.UTF8.GetByteCount(record.Text), record.Archived?.UtcTicks,
        ];
        if (row is { } known)
        {
            sql.Run(
                """
                UPDATE memory SET kind = ?4, text = ?5, tags = ?6, metadata = ?7, importance = ?8, source = ?9, provenance = ?10, created = ?11, updated = ?12, expires = ?13,
                    version = ?14, space = ?15, bytes = ?16, archived = ?17 WHERE row = ?1 AND scope = ?2 AND id = ?3
                """,
                values);
            return known;
        }

        sql.Run(
            """
            INSERT INTO memory (row, scope, id, kind, text, tags, metadata, importance, source, provenance, created, updated, expires, version, space, bytes, archived)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
            """,
            values);
        return sql.LastRow;
    }

    private void PutVector(long scope, long row, MemoryRecord? was, MemoryRecord record, (long Number, int Dimensions)? space)
    {
        bool same = was is not null && was.VectorSpace == record.VectorSpace && (record.Vector is not { } vector || vector.Span.SequenceEqual(was.Vector!.Value.Span));
        if (!same)
        {
            if (record.Vector is { } numbers)
            {
                sql.Run("INSERT INTO vector VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2", row, numbers);
            }
            else if (was is { Vector: not null })
            {
                sql.Run("DELETE FROM vector WHERE row = ?1", row);
            }
        }

        bool indexed = was is { Archived: null, VectorSpace: not null }, wanted = space is not null && record.Archived is null;
        if (indexed && !(wanted && was!.VectorSpace == record.VectorSpace))
        {
            Log(SpaceOf(scope, was!.VectorSpace!, was.Vector!.Value.Length), row, null);
        }

        // A vector that is given again without a new version is given to be indexed again.
        if (wanted && !(indexed && same && was!.Version != record.Version))
        {
            Log(space!.Value, row, record.Vector!.Value.ToArray());
        }
    }

    private void Unword(long scope, long row, string text) => sql.Run("INSERT INTO words (words, rowid, scope, text) VALUES ('delete', ?1, ?2, ?3)", row, ScopeWord(scope), text);

    private void Untag(long scope, long row, IReadOnlyList<string> tags)
    {
        foreach (string tag in tags)
        {
            sql.Run("DELETE FROM tag WHERE scope = ?1 AND tag = ?2 AND row = ?3", scope, tag, row);
        }
    }

    private void Keep(long row)
    {
        sql.Run(
            """
            INSERT INTO history (row, version, id, kind, text, tags, metadata, importance, provenance, created, updated, expires, archived)
            SELECT row, version, id, kind, text, tags, metadata, importance, provenance, created, updated, expires, archived FROM memory WHERE row = ?1
            """,
            row);
        sql.Run("DELETE FROM history WHERE row = ?1 AND version IN (SELECT version FROM history WHERE row = ?1 ORDER BY version DESC LIMIT -1 OFFSET ?2)", row, ScopeShelf.Versions);
    }

    private void ForgetPast(long row)
    {
        sql.Run("DELETE FROM history WHERE row = ?1", row);
        sql.Run("DELETE FROM link WHERE origin = ?1", row);
        sql.Run("DELETE FROM link WHERE target = ?1", row);
    }

    private void Log((long Number, int Dimensions) space, long row, float[]? vector)
    {
        sql.Run("INSERT INTO vector_log (space, row) VALUES (?1, ?2)", space.Number, row);
        LastChange = sql.LastRow;
        _vectors.Add(new VectorChange(space.Number, space.Dimensions, row, vector));
    }

    private (long Number, int Dimensions) SpaceOf(long scope, string name, int dimensions)
    {
        if (Space(scope, name) is { } known)
        {
            return known;
        }

        sql.Run("INSERT INTO space (scope, name, dimensions) VALUES (?1, ?2, ?3)", scope, name, dimensions);
        return _spaces[(scope, name)] = (sql.LastRow, dimensions);
    }
}
