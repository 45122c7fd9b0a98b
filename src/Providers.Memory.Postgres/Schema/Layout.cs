using System.Collections.Concurrent;

namespace Providers.Memory.Postgres;

/// <summary>How the tables are laid out on this server: what every statement is put together with.</summary>
/// <param name="Schema">The schema, quoted, with its dot.</param>
/// <param name="Vector">The schema of pgvector, quoted, with its dot; <see langword="null"/>: vectors are bytes.</param>
/// <param name="CursorKey">What listings' places are signed with; the same for all hosts.</param>
/// <param name="TermKey">What words and labels are hashed with; the same for all hosts.</param>
internal sealed record Layout(string Schema, string? Vector, byte[] CursorKey, byte[] TermKey)
{
    /// <summary>Gets the hashes of words lately met.</summary>
    public HashedWords Hashed { get; } = new();

    /// <summary>Gets the numbers scopes have in these tables, as far as they were asked for.</summary>
    public ConcurrentDictionary<MemoryScope, long> Scopes { get; } = new();

    /// <summary>Gets where searches look, as far as they were asked for: the numbers of scopes and spaces, and the dimensions. A space, once made, stays.</summary>
    public ConcurrentDictionary<(MemoryScope Scope, string Space), (long Scope, long Space, int Dimensions)> Places { get; } = new();

    /// <summary>Gets the column of the vectors.</summary>
    public string VectorColumn => ColumnFor(Vector is not null);

    /// <summary>Gets the type of an array of vectors, as a parameter.</summary>
    public string VectorArray => Vector is null ? "bytea[]" : Vector + "vector[]";

    /// <summary>A column for each way of keeping vectors, so that a host that does not know of a move fails, looks again and goes on.</summary>
    public static string ColumnFor(bool pgvector) => pgvector ? "vector" : "vector_bytes";

    /// <summary>The columns of a memory <c>m</c> with its space <c>p</c>, in the order <see cref="RecordRow"/> takes them.</summary>
    public string Columns => $"m.row, m.id, m.kind, m.text, m.tags, m.metadata, m.importance, m.provenance, m.created, m.updated, m.expires, m.archived, m.version, p.name, m.{VectorColumn}{(Vector is null ? "" : ", m.vector_exact")}";

    public string From => $"{Schema}memory m LEFT JOIN {Schema}space p ON p.number = m.space";
}
