using System.Text;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>What words are counted by is what SQLite's own tokenizer makes of them.</summary>
public sealed class IndexTermTests
{
    // Letters that are hardly written, or newer than one of the two: counted wrongly, and found all the same.
    private const string Rare = "\u017f\u01e0\u01e1\u037f\u03d0\u03d1\u03d5\u03d6\u03f0\u03f1\u03f5\u1e9b\u1fbe";

    [Fact]
    public void Terms_OfEveryLetterOfLatinGreekCyrillicKanaAndHangul_AreTheIndexs()
    {
        (int First, int Last)[] blocks = [(0x30, 0x7A), (0xC0, 0x24F), (0x370, 0x3FF), (0x400, 0x45F), (0x1E00, 0x1EFF), (0x1F00, 0x1FFC), (0x3041, 0x30FF), (0xAC00, 0xACFF), (0xF900, 0xF9FF)];
        Rune[] letters = [.. blocks.SelectMany(static b => Enumerable.Range(b.First, b.Last - b.First + 1)).Select(static c => new Rune(c)).Where(static r => Rune.IsLetterOrDigit(r) && !Rare.Contains((char)r.Value))];
        using SqliteConnection connection = new("Data Source=:memory:");
        connection.Open();
        Execute("CREATE VIRTUAL TABLE words USING fts5 (text, tokenize='unicode61 remove_diacritics 2')");
        Execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, instance)");
        foreach (Rune letter in letters)
        {
            Execute($"INSERT INTO words (rowid, text) VALUES ({letter.Value}, 'x{letter}y{letter}\u0301z')");
        }

        Dictionary<long, string> terms = [];
        using SqliteCommand read = connection.CreateCommand();
        read.CommandText = "SELECT doc, term FROM vocabulary ORDER BY doc, offset";
        using SqliteDataReader rows = read.ExecuteReader();
        while (rows.Read())
        {
            terms[rows.GetInt64(0)] = terms.GetValueOrDefault(rows.GetInt64(0)) + rows.GetString(1);
        }

        string.Join('\n', letters.Select(l => (Word: $"x{l}y{l}\u0301z", Term: terms[l.Value])).Where(static w => IndexTerm.Of(w.Word) != w.Term).Select(static w => $"{w.Word}: {w.Term}, not {IndexTerm.Of(w.Word)}")).Should().BeEmpty();
        letters.Length.Should().BeGreaterThan(1_500);

        void Execute(string sql)
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
