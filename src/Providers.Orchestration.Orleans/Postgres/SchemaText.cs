namespace Providers.Orchestration.Orleans;

/// <summary>
/// The statements that Orleans' ADO.NET providers work with. They find their queries by key in the table OrleansQuery and give them parameters by name; what the queries
/// are is up to the database.
/// </summary>
internal static class SchemaText
{
    private const string State = """
        GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
        AND GrainTypeString = @GrainTypeString AND COALESCE(GrainIdExtensionString, '') = COALESCE(CAST(@GrainIdExtensionString AS text), '') AND ServiceId = @ServiceId
        """;

    private const string Reminder = "ServiceId = @ServiceId AND GrainId = @GrainId AND ReminderName = @ReminderName";

    private const string Reminders = "SELECT GrainId, ReminderName, StartTime, Period, Version FROM OrleansRemindersTable WHERE ";

    /// <summary>Gets what makes the tables, each where it is missing; the first makes everybody else who would do so wait.</summary>
    public static IReadOnlyList<string> Tables { get; } =
    [
        "SELECT pg_advisory_xact_lock(7520146930148)",
        "CREATE TABLE IF NOT EXISTS OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText text NOT NULL)",
        """
        CREATE TABLE IF NOT EXISTS OrleansStorage (
            GrainIdHash integer NOT NULL,
            GrainIdN0 bigint NOT NULL,
            GrainIdN1 bigint NOT NULL,
            GrainTypeHash integer NOT NULL,
            GrainTypeString varchar(512) NOT NULL,
            GrainIdExtensionString varchar(512),
            ServiceId varchar(150) NOT NULL,
            PayloadBinary bytea,
            ModifiedOn timestamp NOT NULL,
            Version integer)
        """,
        """
        CREATE UNIQUE INDEX IF NOT EXISTS OrleansStorage_One ON OrleansStorage
            (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, COALESCE(GrainIdExtensionString, ''), ServiceId)
        """,
        """
        CREATE TABLE IF NOT EXISTS OrleansRemindersTable (
            ServiceId varchar(150) NOT NULL,
            GrainId varchar(150) NOT NULL,
            ReminderName varchar(150) NOT NULL,
            StartTime timestamptz NOT NULL,
            Period bigint NOT NULL,
            GrainHash integer NOT NULL,
            Version integer NOT NULL,
            PRIMARY KEY (ServiceId, GrainId, ReminderName))
        """,
        "CREATE INDEX IF NOT EXISTS OrleansRemindersTable_Range ON OrleansRemindersTable (ServiceId, GrainHash)",
    ];

    /// <summary>Gets the queries by the keys under which Orleans looks for them.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Queries { get; } =
    [
        new("ReadFromStorageKey", $"SELECT PayloadBinary, Version FROM OrleansStorage WHERE {State}"),

        // Gives back the version that was named when nothing was written: Orleans takes that for a conflict.
        new("WriteToStorageKey", $"""
            WITH replaced AS (
                UPDATE OrleansStorage SET PayloadBinary = @PayloadBinary, ModifiedOn = now() AT TIME ZONE 'utc', Version = Version + 1
                WHERE {State} AND Version = CAST(@GrainStateVersion AS integer)
                RETURNING Version),
            made AS (
                INSERT INTO OrleansStorage (GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId, PayloadBinary, ModifiedOn, Version)
                SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, CAST(@GrainIdExtensionString AS text), @ServiceId, @PayloadBinary, now() AT TIME ZONE 'utc', 1
                WHERE CAST(@GrainStateVersion AS integer) IS NULL
                ON CONFLICT DO NOTHING
                RETURNING Version)
            SELECT COALESCE((SELECT Version FROM replaced), (SELECT Version FROM made), CAST(@GrainStateVersion AS integer)) AS NewGrainStateVersion
            """),
        new("ClearStorageKey", $"""
            UPDATE OrleansStorage SET PayloadBinary = NULL, ModifiedOn = now() AT TIME ZONE 'utc', Version = Version + 1
            WHERE {State} AND Version = @GrainStateVersion
            RETURNING Version AS NewGrainStateVersion
            """),
        new("DeleteStorageKey", $"DELETE FROM OrleansStorage WHERE {State} AND Version = @GrainStateVersion RETURNING Version + 1 AS NewGrainStateVersion"),
        new("UpsertReminderRowKey", """
            INSERT INTO OrleansRemindersTable AS kept (ServiceId, GrainId, ReminderName, StartTime, Period, GrainHash, Version)
            VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
            ON CONFLICT (ServiceId, GrainId, ReminderName)
            DO UPDATE SET StartTime = excluded.StartTime, Period = excluded.Period, GrainHash = excluded.GrainHash, Version = kept.Version + 1
            RETURNING Version
            """),
        new("ReadReminderRowsKey", Reminders + "ServiceId = @ServiceId AND GrainId = @GrainId"),
        new("ReadReminderRowKey", Reminders + Reminder),
        new("ReadRangeRows1Key", Reminders + "ServiceId = @ServiceId AND GrainHash > @BeginHash AND GrainHash <= @EndHash"),
        new("ReadRangeRows2Key", Reminders + "ServiceId = @ServiceId AND (GrainHash > @BeginHash OR GrainHash <= @EndHash)"),
        new("DeleteReminderRowKey", $"WITH gone AS (DELETE FROM OrleansRemindersTable WHERE {Reminder} AND Version = @Version RETURNING 1) SELECT count(*)::integer FROM gone"),
        new("DeleteReminderRowsKey", "DELETE FROM OrleansRemindersTable WHERE ServiceId = @ServiceId"),
    ];
}
