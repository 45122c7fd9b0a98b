using Microsoft.Extensions.Logging.Testing;
using Providers.Budgets;

namespace Providers.Tests.Budgets;

public sealed class LedgerTests : IDisposable
{
    private static readonly DateTimeOffset Day = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("providers-ledger").FullName;
    private readonly FakeLogger _log = new();

    private string File => Path.Combine(_folder, "ledger");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A crash may cut the file anywhere: what stays is a prefix of whole records, and the ledger opens and goes on.</summary>
    [Fact]
    public async Task File_CutAtEveryByte_OpensWithAPrefixAndGoesOn()
    {
        using (FileUsageLedger ledger = new(File, _log))
        {
            for (int i = 1; i <= 5; i++)
            {
                await ledger.AppendAsync([new UsageEntry("b", $"tenant{i}", Day, i, 0.5m * i)]);
            }
        }

        byte[] whole = await System.IO.File.ReadAllBytesAsync(File);
        int last = -1;
        for (int length = 0; length <= whole.Length; length++)
        {
            await System.IO.File.WriteAllBytesAsync(File, whole[..length]);
            using FileUsageLedger ledger = new(File, _log);
            IReadOnlyList<UsageEntry> entries = await ledger.LoadAsync(Day);
            entries.Select(static e => e.Tokens).Should().Equal(Enumerable.Range(1, entries.Count).Select(static i => (long)i), "cut at byte {0}", length);
            entries.Count.Should().BeGreaterThanOrEqualTo(last);
            last = entries.Count;
            await ledger.AppendAsync([new UsageEntry("b", "after", Day, 100, 1)]);
            (await ledger.LoadAsync(Day)).Sum(static e => e.Tokens).Should().Be(entries.Sum(static e => e.Tokens) + 100);
        }

        last.Should().Be(5);
        _log.Collector.GetSnapshot().Should().Contain(static l => l.Id.Id == 222);
    }

    [Fact]
    public async Task File_OneBitFlippedAnywhere_GivesNoWrongAmount()
    {
        using (FileUsageLedger ledger = new(File, _log))
        {
            await ledger.AppendAsync([new UsageEntry("b", "", Day, 7, 1.25m), new UsageEntry("b", "", Day, 8, 2)]);
        }

        byte[] whole = await System.IO.File.ReadAllBytesAsync(File);
        for (int at = 8; at < whole.Length; at++)
        {
            byte[] flipped = [.. whole];
            flipped[at] ^= 0x10;
            await System.IO.File.WriteAllBytesAsync(File, flipped);
            using FileUsageLedger ledger = new(File, _log);
            (await ledger.LoadAsync(Day)).Sum(static e => e.Tokens).Should().BeOneOf([0L, 7L], "byte {0} is wrong", at);
        }
    }

    [Fact]
    public async Task LongFile_IsWrittenAnewWithItsAmountsAddedUp()
    {
        using (FileUsageLedger ledger = new(File, _log))
        {
            for (int i = 0; i < 80; i++)
            {
                await ledger.AppendAsync([.. Enumerable.Range(0, 100).Select(static t => new UsageEntry("budget", $"tenant{t}", Day, 1, 0.01m))]);
            }

            await ledger.AppendAsync([new UsageEntry("budget", "old", Day.AddYears(-1), 1, 1)]);
        }

        new FileInfo(File).Length.Should().BeGreaterThan(256 * 1024);
        using (FileUsageLedger ledger = new(File, _log))
        {
            IReadOnlyList<UsageEntry> entries = await ledger.LoadAsync(Day.AddDays(-1));
            entries.Should().HaveCount(100).And.OnlyContain(static e => e.Tokens == 80 && e.Cost == 0.80m);
        }

        new FileInfo(File).Length.Should().BeLessThan(16 * 1024);
        using FileUsageLedger again = new(File, _log);
        (await again.LoadAsync(Day.AddDays(-1))).Sum(static e => e.Tokens).Should().Be(8_000);
    }

    [Fact]
    public async Task OtherFile_IsRefusedAndLeftAlone()
    {
        await System.IO.File.WriteAllTextAsync(File, "this is no ledger at all");
        using FileUsageLedger ledger = new(File, _log);
        await FluentActions.Awaiting(async () => await ledger.LoadAsync(Day)).Should().ThrowAsync<InvalidDataException>().WithMessage("*not a usage ledger*");
        await FluentActions.Awaiting(async () => await ledger.AppendAsync([new UsageEntry("b", "t", Day, 1, 1)])).Should().ThrowAsync<InvalidDataException>().WithMessage("*not a usage ledger*");
        ledger.Dispose();
        (await System.IO.File.ReadAllTextAsync(File)).Should().Be("this is no ledger at all");
    }

    [Fact]
    public async Task Append_IsInTheFileWhenItReturns()
    {
        using FileUsageLedger ledger = new(File, _log);
        await ledger.AppendAsync([new UsageEntry("b", "t", Day, 1, 1)]);
        long one = new FileInfo(File).Length;
        await ledger.AppendAsync([new UsageEntry("b", "t", Day, 1, 1)]);
        new FileInfo(File).Length.Should().Be(one + one - 8, "eight bytes say what the file is");
    }

    /// <summary>Half a batch would be counted twice when the whole is offered again.</summary>
    [Fact]
    public async Task Append_DiskIsFullInTheMiddle_LeavesNothingOfItAndSaysSo()
    {
        HalfFile? file = null;
        using FileUsageLedger ledger = new(File, _log, path => file = new HalfFile(path));
        await ledger.AppendAsync([new UsageEntry("b", "t", Day, 1, 1)]);
        UsageEntry[] batch = [.. Enumerable.Range(0, 300).Select(static i => new UsageEntry("b", $"t{i}", Day, 1, 1))];
        file!.IsFull = true;
        await FluentActions.Awaiting(async () => await ledger.AppendAsync(batch)).Should().ThrowAsync<IOException>().WithMessage("full");
        file.IsFull = false;
        (await ledger.LoadAsync(Day)).Sum(static e => e.Tokens).Should().Be(1);
        await ledger.AppendAsync(batch);
        (await ledger.LoadAsync(Day)).Sum(static e => e.Tokens).Should().Be(301);
        _log.Collector.GetSnapshot().Should().BeEmpty("there was no torn record to cut");
    }

    [Fact]
    public async Task Load_TornEnd_IsCutAndToldWithItsLength_ASoundOneIsNot()
    {
        using (FileUsageLedger ledger = new(File, _log))
        {
            await ledger.AppendAsync([new UsageEntry("b", "t", Day, 7, 1)]);
            await ledger.LoadAsync(Day);
            _log.Collector.GetSnapshot().Should().BeEmpty();
        }

        // As a file system leaves it that had made the file longer and not yet written it.
        await System.IO.File.AppendAllTextAsync(File, new string('\0', 64));
        using FileUsageLedger after = new(File, _log);
        (await after.LoadAsync(Day)).Should().ContainSingle().Which.Tokens.Should().Be(7);
        _log.Collector.GetSnapshot().Should().ContainSingle().Which.Message.Should().Be($"The usage ledger '{File}' ended in 64 bytes that are no whole record, as after a crash; they were cut off.");
    }

    [Fact]
    public async Task File_IsOpenOnce_AndLetGo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The open files of a process are read from /proc.");
        using (FileUsageLedger ledger = new(File, _log))
        {
            for (int i = 0; i < 3; i++)
            {
                await ledger.LoadAsync(Day);
                await ledger.AppendAsync([.. Enumerable.Range(0, 3_000).Select(static t => new UsageEntry("budget", $"a tenant with a long name, number {t}", Day.AddYears(-1), 1, 1))]);
            }

            await ledger.LoadAsync(Day); // written anew: the old file is closed
            OpenFiles().Should().Be(1);
        }

        OpenFiles().Should().Be(0);
    }

    [Fact]
    public async Task Record_IsLengthChecksumAndFields_AsTheFormatSays()
    {
        using (FileUsageLedger ledger = new(File, _log))
        {
            await ledger.AppendAsync([new UsageEntry("budget", "tenant", Day, 5, 1.5m)]);
        }

        byte[] all = await System.IO.File.ReadAllBytesAsync(File);
        all[..8].Should().Equal("PRVUSE1\n"u8.ToArray());
        byte[] body = all[16..];
        BitConverter.ToInt32(all, 8).Should().Be(body.Length);
        BitConverter.ToUInt32(all, 12).Should().Be(Crc32C(body));
        Crc32C("123456789"u8.ToArray()).Should().Be(0xE3069283, "the check value of CRC-32C");
        body.Should().StartWith("\u0006budget\u0006tenant"u8.ToArray()).And.HaveCount(14 + 8 + 8 + 16);
    }

    private int OpenFiles() => Directory.GetFiles("/proc/self/fd").Count(fd =>
        new FileInfo(fd).LinkTarget is { } target && target.StartsWith(File, StringComparison.Ordinal));

    private static uint Crc32C(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
            }
        }

        return ~crc;
    }

    private sealed class HalfFile(string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 4096)
    {
        public bool IsFull { get; set; }

        public override void Write(byte[] buffer, int offset, int count)
        {
            base.Write(buffer, offset, IsFull ? count / 2 : count);
            if (IsFull)
            {
                Flush();
                throw new IOException("full");
            }
        }
    }
}
