using System.Globalization;
using Orleans.Runtime;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>A table of reminders in memory that outlives every silo.</summary>
internal sealed class SharedReminders : IReminderTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(GrainId, string), ReminderEntry> _rows = [];
    private int _version;

    /// <summary>Gets or sets what removing a reminder waits for; <see langword="null"/>: for nothing.</summary>
    public Task? Removals { get; set; }

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_lock)
            {
                return [.. _rows.Values.Select(static r => $"{r.GrainId}:{r.ReminderName}").Order(StringComparer.Ordinal)];
            }
        }
    }

    public Task<ReminderTableData> ReadRows(GrainId grainId) => Rows(r => r.GrainId == grainId);

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Rows(r => RangeFactory.CreateRange(begin, end).InRange(r.GrainId.GetUniformHashCode()));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        lock (_lock)
        {
            return Task.FromResult(_rows.GetValueOrDefault((grainId, reminderName)));
        }
    }

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        lock (_lock)
        {
            string etag = (++_version).ToString(CultureInfo.InvariantCulture);
            _rows[(entry.GrainId, entry.ReminderName)] = new ReminderEntry { GrainId = entry.GrainId, ReminderName = entry.ReminderName, StartAt = entry.StartAt, Period = entry.Period, ETag = etag };
            return Task.FromResult<string?>(etag);
        }
    }

    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        await (Removals ?? Task.CompletedTask);
        lock (_lock)
        {
            return _rows.TryGetValue((grainId, reminderName), out ReminderEntry? row) && row.ETag == eTag && _rows.Remove((grainId, reminderName));
        }
    }

    public Task TestOnlyClearTable() => Task.CompletedTask;

    private Task<ReminderTableData> Rows(Func<ReminderEntry, bool> wanted)
    {
        lock (_lock)
        {
            return Task.FromResult(new ReminderTableData(_rows.Values.Where(wanted).ToList()));
        }
    }
}
