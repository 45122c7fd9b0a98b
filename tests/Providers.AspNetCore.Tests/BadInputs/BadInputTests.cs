using Providers.AspNetCore.Tests.Support;
using Providers.Memory;

namespace Providers.AspNetCore.Tests.BadInputs;

/// <summary>The table of bad inputs: each answered as it says, never by a failure of ours, nothing stored that was refused.</summary>
public sealed class BadInputTests(BadInputHost host) : IClassFixture<BadInputHost>
{
    private static readonly BadInput[] s_table = [.. BodyRows.All.Concat(MemoryRows.All).Concat(ChangeRows.All).Concat(CallerRows.All).OrderBy(static r => r.Number)];

    public static TheoryData<int, string> Rows
    {
        get
        {
            TheoryData<int, string> rows = [];
            foreach (BadInput row in s_table)
            {
                rows.Add(row.Number, row.Elsewhere is null ? row.Input : $"{row.Input} [{row.Elsewhere}]");
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Input_IsAnsweredAsTheTableSays(int number, string input)
    {
        BadInput row = s_table[number - 1];
        if (row.Check is null)
        {
            // Another part's door; where it lies in this repository, it is there.
            string place = Path.Combine(Node.Root, "tests", row.Elsewhere!.StartsWith("Providers.", StringComparison.Ordinal) ? row.Elsewhere : Path.Combine("Providers.AspNetCore.Tests", row.Elsewhere));
            bool there = row.Elsewhere.StartsWith("not offered", StringComparison.Ordinal) || File.Exists(place + ".cs") || Directory.Exists(place);
            Assert.SkipUnless(there || !row.Elsewhere.StartsWith("Providers.Mcp", StringComparison.Ordinal), $"{input}: that part is not in this checkout");
            there.Should().BeTrue(row.Elsewhere);
            return;
        }

        long before = await host.CountAsync();
        await row.Check(host);
        if (!row.Stores)
        {
            (await host.CountAsync()).Should().Be(before, "nothing is stored");
        }
    }

    [Fact]
    public void Table_HasEveryRowOnce() => s_table.Select(static r => r.Number).Should().Equal(Enumerable.Range(1, 84));
}
