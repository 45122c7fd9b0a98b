namespace Providers.Memory;

/// <summary>Stores exported lines in batches, each a transaction; links are made when all memories are there.</summary>
internal sealed class Importer(IMemoryStore store, WritePath writes, MemoryLimits limits, TimeProvider clock)
{
    private const int Batch = 100;
    private const int LinkBytes = 176; // {"relation":"...","to":"..."}, with an id of 128
    private readonly List<(long Line, MemoryRecord Record)> _batch = [];
    private readonly List<MemoryLink> _links = [];
    private readonly List<MemoryImportError> _errors = [];
    private long _stored;

    public async Task<MemoryImportResult> RunAsync(MemoryScope scope, Stream source, MemoryImportOptions options, CancellationToken cancellationToken)
    {
        new MemoryCheck(limits, clock).Import(scope, options).Throw();
        // Escapes may make a character six bytes long, base64 a vector a third longer.
        LineReader lines = new(source, (6 * (limits.TextBytes + limits.MetadataBytes)) + (6 * limits.Dimensions) + (LinkBytes * MemoryCheck.MostLinks));
        while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!Take(scope, lines, options) || _batch.Count >= Batch)
            {
                await StoreAsync(scope, options, cancellationToken).ConfigureAwait(false);
                options.Progress?.Report(lines.Number);
            }

            if (_errors.Count > options.MaxErrors)
            {
                await StoreAsync(scope, options, cancellationToken).ConfigureAwait(false);
                return new MemoryImportResult(_stored, await LinkAsync(scope, cancellationToken).ConfigureAwait(false), _errors[^1].Line, _errors);
            }
        }

        await StoreAsync(scope, options, cancellationToken).ConfigureAwait(false);
        long links = await LinkAsync(scope, cancellationToken).ConfigureAwait(false);
        bool stopped = _errors.Count > options.MaxErrors;
        return new MemoryImportResult(_stored, links, stopped ? _errors[^1].Line : lines.Number + 1, _errors) { Completed = !stopped };
    }

    /// <returns>Whether the batch may go on; an id that is in it already begins another.</returns>
    private bool Take(MemoryScope scope, LineReader lines, MemoryImportOptions options)
    {
        if (lines is { TooLong: false, Line.Length: 0 })
        {
            return true; // an empty line ends many files
        }

        try
        {
            (MemoryRecord record, List<MemoryLink> links) = lines.TooLong ? throw new FormatException("is longer than any memory may be.") : RecordJson.Read(lines.Line);
            if (record.Expires <= clock.GetUtcNow())
            {
                return true; // it was forgotten meanwhile
            }

            if (lines.Number >= options.FromLine)
            {
                new MemoryCheck(limits, clock).Transaction(new MemoryTransaction(scope, [new MemoryUpsert(record) { KeepTimes = true }])).Throw();
                bool again = record.Id.Length > 0 && _batch.Exists(b => b.Record.Id == record.Id);
                _batch.Add((lines.Number, record));
                _links.AddRange(links);
                return !again;
            }

            _links.AddRange(links);
        }
        catch (Exception e) when (e is FormatException or MemoryValidationException)
        {
            if (lines.Number >= options.FromLine)
            {
                _errors.Add(new MemoryImportError(lines.Number, $"Line {lines.Number}: {e.Message}"));
            }
        }

        return true;
    }

    private async Task StoreAsync(MemoryScope scope, MemoryImportOptions options, CancellationToken cancellationToken)
    {
        while (_batch.Count > 0)
        {
            // Up to the line whose id is there a second time.
            HashSet<string> ids = new(StringComparer.Ordinal);
            var part = _batch.TakeWhile(b => b.Record.Id.Length == 0 || ids.Add(b.Record.Id)).ToList();
            _batch.RemoveRange(0, part.Count);
            await StorePartAsync(scope, part, options, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task StorePartAsync(MemoryScope scope, List<(long Line, MemoryRecord Record)> part, MemoryImportOptions options, CancellationToken cancellationToken)
    {
        try
        {
            MemoryTransaction transaction = new(scope, [.. part.Select(static b => new MemoryUpsert(b.Record) { KeepTimes = true })]);
            await store.ExecuteAsync(await writes.PrepareAsync(transaction, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            _stored += part.Count;
        }
        catch (MemoryValidationException e) when (part.Count == 1)
        {
            _errors.Add(new MemoryImportError(part[0].Line, $"Line {part[0].Line}: {e.Message}"));
        }
        catch (MemoryValidationException)
        {
            foreach ((long, MemoryRecord) one in part.TakeWhile(_ => _errors.Count <= options.MaxErrors))
            {
                await StorePartAsync(scope, [one], options, cancellationToken).ConfigureAwait(false); // one by one, to know which
            }
        }
    }

    private async Task<long> LinkAsync(MemoryScope scope, CancellationToken cancellationToken)
    {
        long made = 0;
        foreach (MemoryLink[] chunk in _links.Distinct().Chunk(Math.Min(500, limits.Operations)))
        {
            List<MemoryOperation> operations = [.. chunk];
            while (operations.Count > 0)
            {
                try
                {
                    made += (await store.ExecuteAsync(new MemoryTransaction(scope, operations), cancellationToken).ConfigureAwait(false)).Outcomes.Count;
                    break;
                }
                catch (MemoryConflictException e)
                {
                    operations.RemoveAll(o => o is MemoryLink link && (link.From == e.Id || link.To == e.Id)); // to a memory that was not exported
                }
            }
        }

        return made;
    }
}
