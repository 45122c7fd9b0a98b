namespace Providers.Memory.Tests;

/// <summary>Concepts and the words that stand for them: what a reader knows to mean the same.</summary>
internal static class Thesaurus
{
    private const string Lines = """
        person: engineer developer programmer coder | manager lead supervisor boss | customer client buyer shopper | doctor physician medic | teacher instructor tutor educator | pilot aviator flyer | cook chef caterer | lawyer attorney counsel | writer author novelist | guest visitor caller | nurse caregiver carer | farmer grower cultivator
        action: repaired fixed mended restored | bought purchased acquired procured | cancelled abandoned scrapped dropped | delayed postponed deferred | approved accepted endorsed authorised | examined inspected checked reviewed | built constructed assembled erected | moved relocated transferred shifted | lost misplaced mislaid | praised commended applauded | copied duplicated replicated cloned | explained clarified described outlined
        thing: car automobile vehicle sedan | laptop notebook computer | house home residence dwelling | invoice bill receipt statement | meeting conference gathering session | bicycle bike cycle | medicine drug remedy medication | photo picture image snapshot | contract agreement deal accord | meal dinner supper feast | ship vessel boat ferry | engine motor drive
        place: office workplace bureau | hospital clinic infirmary | school academy college | harbour port dock quay | airport airfield aerodrome | shop store boutique market | garden yard park lawn | cellar basement vault | factory plant mill works | library archive repository | village hamlet settlement | mountain peak summit
        time: yesterday recently lately | morning dawn sunrise | evening dusk sunset nightfall | winter cold-season wintertime | summer warm-season summertime | holiday vacation leave break | weekend saturday sunday | deadline cutoff due-date | monthly each-month regularly | soon shortly presently | annually yearly each-year | afternoon midday noon
        """;

    /// <summary>The kinds of concept, each a list of concepts, each a list of words.</summary>
    public static readonly string[][][] Kinds =
    [
        .. Lines.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static l => l[(l.IndexOf(':') + 1)..].Split('|').Select(static c => c.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray()),
    ];

    /// <summary>The number of each word's concept.</summary>
    public static readonly Dictionary<string, int> ConceptOf = Kinds.SelectMany(static (kind, k) => kind.SelectMany((words, c) => words.Select(w => (Word: w, Concept: (k * 100) + c)))).ToDictionary(static p => p.Word, static p => p.Concept);
}
