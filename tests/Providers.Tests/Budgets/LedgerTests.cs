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
        ledger.Dispose();
        (await System.IO.File.ReadAllTextAsync(File)).Should().Be("this is no ledger at all");
    }
}
