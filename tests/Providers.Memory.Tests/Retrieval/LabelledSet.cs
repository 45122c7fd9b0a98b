namespace Providers.Memory.Tests;

/// <summary>A question with what answers it: 3 exactly, 2 nearly, 1 in part.</summary>
internal sealed record LabelledQuery(string Kind, string Text, IReadOnlyDictionary<string, int> Grades);

/// <summary>
/// Notes and questions made from a seed. A note says who did what to which thing where and when, each by one of the words of its concept, and half of the
/// notes name something rare (a ticket, a person). Questions ask in other words (paraphrase), by a rare name (rare), or by both (mixed).
/// </summary>
internal sealed class LabelledSet
{
    private static readonly string[] s_filler = ["please remember", "as far as we know", "it was said that", "for the record", "note to all", "to be kept in mind", "in short", "according to the log"];
    private readonly Random _random;
    private readonly List<(string Id, int[] Concepts, string? Rare)> _facts = [];

    public LabelledSet(int seed, int notes, int queries)
    {
        _random = new Random(seed);
        for (int i = 0; i < notes; i++)
        {
            // Several notes tell of nearly the same: that is what grades are for.
            int[] concepts = i > 0 && _random.Next(3) == 0 ? Vary(_facts[_random.Next(i)].Concepts) : [.. Thesaurus.Kinds.Select(k => _random.Next(k.Length))];
            string? rare = _random.Next(2) == 0 ? null : _random.Next(2) == 0 ? $"{Letters(2).ToUpperInvariant()}-{_random.Next(1_000, 9_999)}" : Letters(4) + Letters(4);
            _facts.Add(($"n{i:0000}", concepts, rare));
            Notes.Add(new MemoryRecord { Id = $"n{i:0000}", Text = Sentence(concepts, rare) });
        }

        for (int i = 0; i < queries; i++)
        {
            Queries.Add(Ask(i % 3));
        }
    }

    public List<MemoryRecord> Notes { get; } = [];

    public List<LabelledQuery> Queries { get; } = [];

    private LabelledQuery Ask(int kind)
    {
        (string Id, int[] Concepts, string? Rare) about;
        do
        {
            about = _facts[_random.Next(_facts.Count)];
        }
        while (kind > 0 && about.Rare is null);

        string text = kind switch
        {
            0 => string.Join(' ', Enumerable.Range(0, 4).Select(k => Word(k, about.Concepts[k]))),
            1 => $"what about {about.Rare} and the {Word(2, about.Concepts[2])}",
            _ => $"{Word(0, about.Concepts[0])} {Word(1, about.Concepts[1])} {Word(2, about.Concepts[2])} {about.Rare}",
        };
        Dictionary<string, int> grades = [];
        foreach ((string id, int[] concepts, string? rare) in _facts)
        {
            int shared = Enumerable.Range(0, 4).Count(k => concepts[k] == about.Concepts[k]);
            int grade = kind switch
            {
                0 => shared == 4 ? 3 : shared == 3 ? 1 : 0,
                1 => rare == about.Rare ? 3 : 0,
                _ => rare == about.Rare ? 3 : shared >= 3 ? 1 : 0,
            };
            if (grade > 0)
            {
                grades[id] = grade;
            }
        }

        return new LabelledQuery(kind switch { 0 => "paraphrase", 1 => "rare", _ => "mixed" }, text, grades);
    }

    private int[] Vary(int[] concepts)
    {
        int[] varied = [.. concepts];
        int at = _random.Next(varied.Length);
        varied[at] = _random.Next(Thesaurus.Kinds[at].Length);
        return varied;
    }

    private string Sentence(int[] c, string? rare) =>
        $"{s_filler[_random.Next(s_filler.Length)]} the {Word(0, c[0])} {Word(1, c[1])} the {Word(2, c[2])} at the {Word(3, c[3])} {Word(4, c[4])}{(rare is null ? "" : _random.Next(2) == 0 ? $" with {rare}" : $" see {rare}")}";

    private string Word(int kind, int concept)
    {
        string[] words = Thesaurus.Kinds[kind][concept];
        return words[_random.Next(words.Length)];
    }

    private string Letters(int count) => new([.. Enumerable.Range(0, count).Select(i => i % 2 == 0 ? "bdfgklmnprstvz"[_random.Next(14)] : "aeiou"[_random.Next(5)])]);
}
