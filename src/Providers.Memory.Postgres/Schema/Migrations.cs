namespace Providers.Memory.Postgres;

/// <summary>What the tables are made of, step by step. A step, once published, never changes.</summary>
internal static class Migrations
{
    /// <summary>The schema this version knows.</summary>
    public static int Latest => Steps("", false, "").Length;

    /// <param name="s">The schema, quoted, with its dot.</param>
    /// <param name="pgvector">Whether vectors are pgvector's.</param>
    /// <param name="vector">The schema of pgvector, quoted, with its dot.</param>
    public static string[] Steps(string s, bool pgvector, string vector) =>
    [
        $"""
        CREATE TABLE {s}meta (name text PRIMARY KEY, value bytea NOT NULL);
        CREATE TABLE {s}scope (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL, namespace text COLLATE "C" NOT NULL, UNIQUE (tenant, namespace));
        CREATE TABLE {s}space (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, scope bigint NOT NULL, tenant text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, dimensions int NOT NULL, UNIQUE (scope, name));
        CREATE TABLE {s}memory (
            row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, scope bigint NOT NULL, tenant text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, kind text NOT NULL, text text NOT NULL,
            tags text NOT NULL, metadata text, importance float8 NOT NULL, source text, provenance text, created bigint NOT NULL, updated bigint NOT NULL, expires bigint, archived bigint,
            version bigint NOT NULL, space bigint, bytes int NOT NULL, {Column(pgvector, vector)}, UNIQUE (scope, id)) WITH (fillfactor = 90);
        {Storage(s, pgvector)}
        CREATE INDEX memory_by_time ON {s}memory (scope, created, id);
        CREATE INDEX memory_by_expiry ON {s}memory (expires) WHERE expires IS NOT NULL;
        CREATE INDEX memory_by_space ON {s}memory (space) WHERE space IS NOT NULL;
        CREATE TABLE {s}words (row bigint PRIMARY KEY, scope bigint NOT NULL, length int NOT NULL, terms tsvector NOT NULL);
        CREATE INDEX words_by_term ON {s}words USING gin (terms) WITH (gin_pending_list_limit = 512);
        CREATE INDEX words_by_scope ON {s}words (scope) INCLUDE (length);
        CREATE TABLE {s}history (scope bigint NOT NULL, tenant text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, version bigint NOT NULL, record text NOT NULL, PRIMARY KEY (scope, id, version));
        CREATE TABLE {s}link (
            scope bigint NOT NULL, tenant text COLLATE "C" NOT NULL, origin text COLLATE "C" NOT NULL, relation int NOT NULL, target text COLLATE "C" NOT NULL, PRIMARY KEY (scope, origin, relation, target));
        CREATE INDEX link_by_target ON {s}link (scope, target);
        CREATE TABLE {s}replay (scope bigint NOT NULL, tenant text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, hash text NOT NULL, outcome text NOT NULL, kept bigint NOT NULL, PRIMARY KEY (scope, key));
        CREATE INDEX replay_by_time ON {s}replay (kept);
        {string.Join('\n', ((string[])["scope", "space", "memory", "history", "link", "replay"]).Select(t => Wall(s, t)))}
        CREATE POLICY host ON {s}scope FOR SELECT USING ((SELECT current_setting('providers.host', true)) = 'on');
        CREATE POLICY expired ON {s}memory FOR SELECT USING (expires <= (SELECT nullif(current_setting('providers.purge', true), '')::bigint));
        CREATE POLICY expired ON {s}replay FOR SELECT USING (kept <= (SELECT nullif(current_setting('providers.purge_keys', true), '')::bigint));
        """,
        $"""
        DROP INDEX {s}words_by_term;
        DROP INDEX {s}words_by_scope;
        DROP INDEX {s}memory_by_space;
        CREATE FUNCTION {s}step_hashes(terms tsvector) RETURNS bigint[] LANGUAGE sql AS $$
            SELECT array_agg((SELECT bit_or((strpos('0123456789abcdefghijklmnopqrstuv', substr(t.lexeme, i, 1)) - 1)::bigint << (5 * (i - 1))) FROM generate_series(1, 13) i) ORDER BY t.ordinality)
            FROM unnest(terms) WITH ORDINALITY t $$;
        CREATE FUNCTION {s}step_times(terms tsvector) RETURNS bytea LANGUAGE sql AS $$
            SELECT decode(string_agg(lpad(to_hex(greatest(1, coalesce(cardinality(t.positions), 1))), 2, '0'), '' ORDER BY t.ordinality), 'hex') FROM unnest(terms) WITH ORDINALITY t $$;
        ALTER TABLE {s}words DROP CONSTRAINT words_pkey;
        ALTER TABLE {s}words ADD COLUMN times bytea;
        ALTER TABLE {s}words ALTER COLUMN times TYPE bytea USING {s}step_times(terms), ALTER COLUMN terms TYPE bigint[] USING {s}step_hashes(terms);
        ALTER TABLE {s}words RENAME COLUMN terms TO hashes;
        ALTER TABLE {s}words ALTER COLUMN times SET NOT NULL, ALTER COLUMN hashes SET STORAGE EXTERNAL, ADD PRIMARY KEY (scope, row) INCLUDE (length);
        CREATE INDEX words_by_hash ON {s}words USING gin (hashes);
        ALTER TABLE {s}memory SET (fillfactor = 100);
        DROP FUNCTION {s}step_hashes, {s}step_times;
        """,
    ];

    /// <summary>The column of the vectors.</summary>
    public static string Column(bool pgvector, string vector) => $"{Layout.ColumnFor(pgvector)} {(pgvector ? $"{vector}vector, {Added}" : "bytea")}";

    /// <summary>The bytes of the few vectors whose numbers pgvector cannot square; the column of vectors then has one that points the same way.</summary>
    private const string Added = "vector_exact bytea";

    /// <summary>Vectors do not compress; trying costs time at each write. Pgvector knows that of its own.</summary>
    private static string Storage(string s, bool pgvector) => pgvector ? "" : $"ALTER TABLE {s}memory ALTER COLUMN {Layout.ColumnFor(false)} SET STORAGE EXTERNAL;";

    /// <summary>The second wall: without the tenant of the transaction there are no rows, whatever a statement forgot. It holds for the owner too, but not for superusers.</summary>
    private static string Wall(string s, string table) =>
        $"ALTER TABLE {s}{table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {s}{table} FORCE ROW LEVEL SECURITY; CREATE POLICY tenant ON {s}{table} USING (tenant = (SELECT current_setting('providers.tenant', true)));";
}
