using Microsoft.Extensions.Logging;

namespace Providers.Budgets;

/// <summary>
/// A ledger in one file of one process: amounts are appended and flushed to the disk. A crash leaves whole records and at most one torn one,
/// which the next start cuts off. A long file is written anew at the start, its amounts added up.
/// </summary>
/// <param name="path">The file; it and its folder are made where they are missing.</param>
/// <param name="log">Where a torn end is told.</param>
/// <param name="open">Opens the file for reading and writing; <see langword="null"/> for the usual way.</param>
internal sealed class FileUsageLedger(string path, ILogger log, Func<string, FileStream>? open = null) : IUsageLedger, IDisposable
{
    private const long Long = 256 * 1024;
    private static readonly byte[] Magic = "PRVUSE1\n"u8.ToArray();
    private readonly Lock _gate = new();
    private FileStream? _file;

    public ValueTask<IReadOnlyList<UsageEntry>> LoadAsync(DateTimeOffset since, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _file ??= Open();
            List<UsageEntry> entries = Read(_file);
            UsageEntry[] wanted = [.. entries.Where(e => e.Window >= since)
                .GroupBy(static e => (e.Budget, e.Tenant, e.Window))
                .Select(static g => new UsageEntry(g.Key.Budget, g.Key.Tenant, g.Key.Window, g.Sum(static e => e.Tokens), g.Sum(static e => e.Cost)))];
            if (_file.Length > Long)
            {
                Rewrite(wanted);
            }

            return new(wanted);
        }
    }

    public ValueTask AppendAsync(IReadOnlyList<UsageEntry> entries, CancellationToken cancellationToken = default)
    {
        using MemoryStream records = new();
        foreach (UsageEntry entry in entries)
        {
            LedgerRecord.Write(records, entry);
        }

        lock (_gate)
        {
            FileStream file = _file ??= Open();
            long end = file.Seek(0, SeekOrigin.End);
            try
            {
                file.Write(records.GetBuffer(), 0, (int)records.Length);
                file.Flush(flushToDisk: true);
            }
            catch
            {
                file.SetLength(end); // half a batch would be counted twice when it is offered again
                throw;
            }
        }

        return default;
    }

    public void Dispose() => _file?.Dispose();

    private FileStream Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        FileStream file = open?.Invoke(path) ?? new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0); // what a full disk refused must not come back out of a buffer
        try
        {
            Mark(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Before anything is written: a path that names somebody else's file must not spoil it.
    private void Mark(FileStream file)
    {
        if (file.Length < Magic.Length)
        {
            file.Write(Magic);
            return;
        }

        byte[] start = new byte[Magic.Length];
        file.ReadExactly(start);
        if (!start.AsSpan().SequenceEqual(Magic))
        {
            throw new InvalidDataException($"'{path}' is not a usage ledger; name another file in UsageLedger.");
        }
    }

    private List<UsageEntry> Read(FileStream file)
    {
        byte[] all = new byte[file.Length];
        file.Position = 0;
        file.ReadExactly(all);
        List<UsageEntry> entries = [];
        int at = Magic.Length;
        while (LedgerRecord.TryRead(all.AsSpan(at), out UsageEntry? entry) is var length and > 0)
        {
            entries.Add(entry!);
            at += length;
        }

        if (at < all.Length)
        {
            log.LedgerCut(path, all.Length - at);
            file.SetLength(at);
        }

        return entries;
    }

    private void Rewrite(UsageEntry[] entries)
    {
        using MemoryStream records = new();
        records.Write(Magic);
        foreach (UsageEntry entry in entries)
        {
            LedgerRecord.Write(records, entry);
        }

        string beside = path + ".new";
        using (FileStream next = new(beside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            next.Write(records.GetBuffer(), 0, (int)records.Length);
            next.Flush(flushToDisk: true);
        }

        _file!.Dispose();
        File.Move(beside, path, overwrite: true);
        _file = Open();
    }
}
