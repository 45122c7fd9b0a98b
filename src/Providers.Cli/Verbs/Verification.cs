using Providers.Memory;

namespace Providers.Cli;

/// <summary>Compares what a store lists with what it counts and finds.</summary>
internal sealed class Verification(IMemoryStore memory, int every)
{
    private static readonly MemoryFilter s_all = new() { State = MemoryState.Any };

    /// <summary>Gets how many memories were searched for.</summary>
    public long Searched { get; private set; }

    /// <returns>How many memories there are.</returns>
    public async Task<long> RunAsync(List<string> problems, Action<long, long> progress, CancellationToken cancellationToken)
    {
        long count = 0;
        List<MemoryScope> scopes = [];
        await foreach (MemoryScope scope in memory.ListScopesAsync(null, "", cancellationToken).ConfigureAwait(false))
        {
            scopes.Add(scope);
        }

        foreach (MemoryScope scope in scopes)
        {
            MemoryStats before = await memory.GetStatsAsync(scope, cancellationToken).ConfigureAwait(false);
            long here = 0;
            List<MemoryRecord> some = [];
            await foreach (MemoryRecord record in memory.ReadAllAsync(scope, s_all, cancellationToken).ConfigureAwait(false))
            {
                if (here++ % every == 0)
                {
                    some.Add(record);
                }

                progress(++count, 0);
            }

            MemoryStats after = await memory.GetStatsAsync(scope, cancellationToken).ConfigureAwait(false);
            long least = Math.Min(before.Count + before.Archived, after.Count + after.Archived), most = Math.Max(before.Count + before.Archived, after.Count + after.Archived);
            if (here < least || here > most)
            {
                problems.Add($"{scope}: {here} memories are listed, but {most} are counted.");
            }

            foreach (MemoryRecord record in some)
            {
                await SearchAsync(scope, record, problems, cancellationToken).ConfigureAwait(false);
            }
        }

        return count;
    }

    private async Task SearchAsync(MemoryScope scope, MemoryRecord record, List<string> problems, CancellationToken cancellationToken)
    {
        Searched++;
        MemoryRecord? now = await memory.GetAsync(scope, record.Id, cancellationToken).ConfigureAwait(false);
        if (now is null || now.Version != record.Version)
        {
            return; // changed while we looked
        }

        // Asked for as a reader would: a store may look for what is archived in the rows, past the indexes that are to be looked at here.
        MemoryFilter itself = new() { Ids = [record.Id], State = now.Archived is null ? MemoryState.Active : MemoryState.Archived };

        if (record.Text.Any(char.IsLetterOrDigit)
            && await memory.SearchAsync(scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = record.Text, Filter = itself, Top = 1 }, cancellationToken).ConfigureAwait(false) is [])
        {
            problems.Add($"{scope}: memory '{record.Id}' is not found by its words. 'reindex' may help.");
        }

        if (record is { Vector: { } vector, VectorSpace: { } space }
            && await memory.SearchAsync(scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = vector, VectorSpace = space, Filter = itself, Top = 1 }, cancellationToken).ConfigureAwait(false) is not [{ VectorScore: > 0.95 }])
        {
            problems.Add($"{scope}: memory '{record.Id}' is not found by its vector. 'reindex' may help.");
        }
    }
}
