using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>Writes memories within the writer's open transaction: row, words, tags, history, links and the log of vector changes.</summary>
internal sealed class RowWriter(Statements sql)
{
    private readonly List<(long Space, int Dimensions, long Row, float[]? Vector)> _vectors = [];
    private readonly Dictionary<MemoryScope, long> _scopes = [];
    private readonly Dictionary<(long Scope, string Name), (long Number, int Dimensions)> _spaces = [];

    public Statements Sql => sql;

    public IReadOnlyList<(long Space, int Dimensions, long Row, float[]? Vector)> VectorChanges => _vectors;

    public long LastChange { get; private set; }

    /// <summary>Begins a group.</summary>
    public void Begin() => _vectors.Clear();

    /// <summary>Drops the changes of a job that was undone, and whatever numbers it may have learned.</summary>
    public void ForgetFrom(int count)
    {
        _vectors.RemoveRange(count, _vectors.Count - count);
        _scopes.Clear();
        _spaces.Clear();
    }

    public long ScopeOf(MemoryScope scope)
    {
        if (!_scopes.TryGetValue(scope, out long number))
        {
            sql.Run("INSERT INTO scope (tenant, namespace) VALUES ($1, $2) ON CONFLICT DO NOTHING", scope.Tenant, scope.Namespace);
            _scopes[scope] = number = sql.Scalar<long>("SELECT number FROM scope WHERE tenant = $1 AND namespace = $2", scope.Tenant, scope.Namespace);
        }

        return number;
    }

    public (long Row, MemoryRecord Record)? Find(long scope, string id)
    {
        using SqliteDataReader reader = sql.Read($"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.scope = $1 AND m.id = $2", scope, id);
        return reader.Read() ? RecordRow.Read(reader) : null;
    }

    /// <summary>The row and version of a memory that has not expired.</summary>
    public (long Row, long Version)? Locate(long scope, string id, DateTimeOffset now)
    {
        using SqliteDataReader reader = sql.Read("SELECT row, version FROM memory WHERE scope = $1 AND id = $2 AND (expires IS NULL OR expires > $3)", scope, id, now.UtcTicks);
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    /// <summary>Removes a memory with its words, tags, vector, history and links.</summary>
    public void Remove(long scope, long row, MemoryRecord record)
    {
        Unindex(scope, row, record);
        Forget(row);
        sql.Run("DELETE FROM vector WHERE row = $1", row);
        sql.Run("DELETE FROM memory WHERE row = $1", row);
    }

    /// <summary>Stores a memory, in the place of the one that was there.</summary>
    /// <param name="scope">The scope's number.</param>
    /// <param name="before">What was there; it has expired when <paramref name="current"/> is <see langword="false"/>.</param>
    /// <param name="current">Whether what was there is an earlier version of the same memory.</param>
    /// <param name="record">The memory.</param>
    /// <param name="keepHistory">Whether what was there is kept.</param>
    public void Put(long scope, (long Row, MemoryRecord Record)? before, bool current, MemoryRecord record, bool keepHistory)
    {
        if (before is { } old)
        {
            Unindex(scope, old.Row, old.Record, record.Archived is null ? record.VectorSpace : null);
            if (!current)
            {
                Forget(old.Row);
            }
            else if (keepHistory && old.Record.Version != record.Version)
            {
                Keep(old.Row);
            }
        }

        (long Number, int Dimensions)? space = record is { Vector: { } vector, VectorSpace: { } name } ? SpaceOf(scope, name, vector.Length) : null;
        object?[] values =
        [
            before?.Row, scope, record.Id, record.Kind, record.Text, RecordRow.WriteTexts(record.Tags), record.Metadata?.GetRawText(), record.Importance, record.Provenance?.Source,
            RecordRow.WriteProvenance(record.Provenance), record.Created.UtcTicks, record.Updated.UtcTicks, record.Expires?.UtcTicks, record.Version, space?.Number,
            System.Text.Encoding.UTF8.GetByteCount(record.Text), record.Archived?.UtcTicks,
        ];
        sql.Run(
            """
            INSERT INTO memory (row, scope, id, kind, text, tags, metadata, importance, source, provenance, created, updated, expires, version, space, bytes, archived)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            ON CONFLICT (row) DO UPDATE SET kind = $4, text = $5, tags = $6, metadata = $7, importance = $8, source = $9, provenance = $10, created = $11, updated = $12, expires = $13,
                version = $14, space = $15, bytes = $16, archived = $17
            """,
            values);
        long row = before?.Row ?? sql.LastRow;
        if (record.Vector is { } numbers)
        {
            sql.Run("INSERT INTO vector VALUES ($1, $2) ON CONFLICT DO UPDATE SET value = $2", row, RecordRow.WriteVector(numbers));
        }
        else if (before is not null)
        {
            sql.Run("DELETE FROM vector WHERE row = $1", row);
        }

        sql.Run("INSERT INTO words (rowid, scope, text) VALUES ($1, $2, $3)", row, ScopeWord(scope), record.Text);
        foreach (string tag in record.Tags)
        {
            sql.Run("INSERT INTO tag VALUES ($1, $2, $3)", scope, tag, row);
        }

        if (space is { } to && record.Archived is null)
        {
            Log(to.Number, to.Dimensions, row, record.Vector!.Value.ToArray());
        }
    }

    /// <summary>Makes or takes away a link.</summary>
    /// <returns>Whether that changed anything.</returns>
    public bool Link(long scope, long origin, MemoryRelation relation, long target, bool there) => there
        ? sql.Run("INSERT INTO link VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", scope, origin, (long)relation, target) > 0
        : sql.Run("DELETE FROM link WHERE origin = $1 AND relation = $2 AND target = $3", origin, (long)relation, target) > 0;

    /// <summary>The word every memory of a scope has in the index of words: a search asks for it, and so never leaves the scope.</summary>
    public static string ScopeWord(long scope) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"s{scope}");

    private void Unindex(long scope, long row, MemoryRecord record, string? spaceNext = null)
    {
        sql.Run("INSERT INTO words (words, rowid, scope, text) VALUES ('delete', $1, $2, $3)", row, ScopeWord(scope), record.Text);
        sql.Run("DELETE FROM tag WHERE scope = $1 AND row = $2 AND tag IN (SELECT value FROM json_each($3))", scope, row, RecordRow.WriteTexts(record.Tags));
        if (record is { Archived: null, Vector: { } vector, VectorSpace: { } name } && name != spaceNext)
        {
            (long number, int dimensions) = SpaceOf(scope, name, vector.Length);
            Log(number, dimensions, row, null);
        }
    }

    private void Keep(long row)
    {
        sql.Run(
            """
            INSERT INTO history (row, version, id, kind, text, tags, metadata, importance, provenance, created, updated, expires, archived)
            SELECT row, version, id, kind, text, tags, metadata, importance, provenance, created, updated, expires, archived FROM memory WHERE row = $1
            """,
            row);
        sql.Run("DELETE FROM history WHERE row = $1 AND version IN (SELECT version FROM history WHERE row = $1 ORDER BY version DESC LIMIT -1 OFFSET $2)", row, ScopeShelf.Versions);
    }

    private void Forget(long row)
    {
        sql.Run("DELETE FROM history WHERE row = $1", row);
        sql.Run("DELETE FROM link WHERE origin = $1", row);
        sql.Run("DELETE FROM link WHERE target = $1", row);
    }

    private void Log(long space, int dimensions, long row, float[]? vector)
    {
        sql.Run("INSERT INTO vector_log (space, row) VALUES ($1, $2)", space, row);
        LastChange = sql.LastRow;
        _vectors.Add((space, dimensions, row, vector));
    }

    private (long Number, int Dimensions) SpaceOf(long scope, string name, int dimensions)
    {
        if (!_spaces.TryGetValue((scope, name), out (long Number, int Dimensions) space))
        {
            sql.Run("INSERT INTO space (scope, name, dimensions) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", scope, name, dimensions);
            space = (sql.Scalar<long>("SELECT number FROM space WHERE scope = $1 AND name = $2", scope, name), (int)sql.Scalar<long>("SELECT dimensions FROM space WHERE scope = $1 AND name = $2", scope, name));
            _spaces[(scope, name)] = space;
        }

        return space.Dimensions == dimensions ? space
            : throw new MemoryValidationException([$"vector: has {dimensions} dimensions; the space '{name}' has {space.Dimensions}."]);
    }
}
