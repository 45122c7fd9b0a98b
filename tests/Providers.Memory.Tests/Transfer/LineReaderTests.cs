using System.Text;

namespace Providers.Memory.Tests.Transfer;

/// <summary>Lines of a bounded length, however the stream brings them.</summary>
public sealed class LineReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1_000_000)]
    public async Task Lines_ComeWholeAndCounted_HoweverTheyAreCut(int piece)
    {
        string ten = new('t', 10), eleven = new('e', 11), huge = new('h', 300_000);
        (await ReadAsync($"\uFEFFa\r\n\n{ten}\n{eleven}\n{huge}\nb\nlast", piece, 10)).Should().Equal("1 a", "2 ", "3 " + ten, "4 too long", "5 too long", "6 b", "7 last");
        (await ReadAsync("a\n", piece, 10)).Should().Equal("1 a");
        (await ReadAsync("a\n\uFEFFb\r", piece, 10)).Should().Equal("1 a", "2 \uFEFFb");
        (await ReadAsync(huge, piece, 10)).Should().Equal("1 too long");
        (await ReadAsync(huge, piece, 300_000)).Should().Equal("1 " + huge);
        (await ReadAsync("", piece, 10)).Should().BeEmpty();
    }

    private static async Task<List<string>> ReadAsync(string text, int piece, int longest)
    {
        LineReader reader = new(new InPieces(Encoding.UTF8.GetBytes(text), piece), longest);
        List<string> lines = [];
        while (await reader.ReadAsync(CancellationToken.None))
        {
            reader.Line.IsEmpty.Should().Be(reader.TooLong || reader.Line.Length == 0);
            lines.Add($"{reader.Number} {(reader.TooLong ? "too long" : Encoding.UTF8.GetString(reader.Line.Span))}");
        }

        return lines;
    }

    private sealed class InPieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
