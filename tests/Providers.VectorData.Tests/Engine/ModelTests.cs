using CsCheck;

namespace Providers.VectorData.Tests;

/// <summary>Random operations against LINQ over a list, with restarts in between.</summary>
public sealed class ModelTests
{
    private static readonly string[] Words = ["red", "green", "blue"];

    private static readonly Gen<Action<Model>> Operations = Gen.OneOf<Action<Model>>(
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[-5, 5]).Array[1, 6].Select<(int, int, int, int)[], Action<Model>>(static r => m => m.Upsert(r)),
        Gen.Int[0, 30].Array[0, 4].Select<int[], Action<Model>>(static k => m => m.Delete(k)),
        Gen.Select(Gen.Int[-5, 5], Gen.Int[1, 12], Gen.Int[0, 3], Gen.Int[-1, 5]).Select<(int, int, int, int), Action<Model>>(static q => m => m.Search(q.Item1, q.Item2, q.Item3, q.Item4)),
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 3], Gen.Bool).Select<(int, int, bool), Action<Model>>(static q => m => m.Get(q.Item1, q.Item2, q.Item3)),
        Gen.Bool.Select<bool, Action<Model>>(static crash => m => m.Reopen(crash)));

    [Theory]
    [InlineData(IndexKind.Flat)]
    [InlineData(IndexKind.Hnsw)]
    public void Store_AnySequence_IsWhatAListWouldBe(string kind) => Operations.Array[1, 30].Sample(
        operations =>
        {
            using var model = new Model(kind);
            foreach (Action<Model> operation in operations)
            {
                operation(model);
            }
        },
        iter: 60,
        threads: 1);

    private sealed class Model : IDisposable
    {
        private static readonly StorageSettings Settings = new(FlushToDisk: false, CheckpointEvery: 15, CompactFrom: 3_000);
        private readonly TempFolder _folder = new();
        private readonly List<Record> _expected = [];
        private readonly string _kind;
        private VectorDatabase _database = null!;
        private VectorStoreCollection<int, Record> _records = null!;

        public Model(string kind)
        {
            _kind = kind;
            Open();
        }

        public void Upsert((int Key, int Number, int Word, int X)[] rows)
        {
            Record[] records = [.. rows.Select(static r => new Record { Key = r.Key, Number = r.Number, Text = r.Word == 3 ? null : Words[r.Word], Vector = r.X == 5 ? null : (ReadOnlyMemory<float>?)new float[] { r.X, 1, r.Number } })];
            _records.UpsertAsync(records).GetAwaiter().GetResult();
            foreach (Record record in records)
            {
                _expected.RemoveAll(e => e.Key == record.Key);
                _expected.Add(record);
            }
        }

        public void Delete(int[] keys)
        {
            _records.DeleteAsync(keys).GetAwaiter().GetResult();
            _expected.RemoveAll(e => keys.Contains(e.Key));
        }

        public void Search(int x, int top, int skip, int least)
        {
            float[] query = [x, 1, 2];
            List<VectorSearchResult<Record>> found = _records.SearchAsync(query, top, new() { Skip = skip, Filter = least < 0 ? null : r => r.Number >= least && r.Text != "blue" })
                .ToBlockingEnumerable().ToList();
            double[] expected = [.. _expected.Where(e => e.Vector is not null && (least < 0 || (e.Number >= least && e.Text != "blue")))
                .Select(e => (double)System.Numerics.Tensors.TensorPrimitives.Distance<float>(query, e.Vector!.Value.Span)).Order().Skip(skip).Take(top)];
            found.Select(static f => Math.Round(f.Score!.Value, 4)).Should().Equal(expected.Select(static s => Math.Round(s, 4)));
            found.Select(static f => f.Record.Key).Should().OnlyHaveUniqueItems();
        }

        public void Get(int top, int skip, bool ascending)
        {
            FilteredRecordRetrievalOptions<Record> options = new()
            {
                Skip = skip,
                OrderBy = o => ascending ? o.Ascending(r => r.Text).Descending(r => r.Key) : o.Descending(r => r.Text).Ascending(r => r.Key),
            };
            IEnumerable<Record> filtered = _expected.Where(static e => e.Number != 3);
            IEnumerable<Record> ordered = ascending
                ? filtered.OrderBy(static e => e.Text, StringComparer.Ordinal).ThenByDescending(static e => e.Key)
                : filtered.OrderByDescending(static e => e.Text, StringComparer.Ordinal).ThenBy(static e => e.Key);
            _records.GetAsync(r => r.Number != 3, top, options).ToBlockingEnumerable().Select(static r => (r.Key, r.Number, r.Text))
                .Should().Equal(ordered.Skip(skip).Take(top).Select(static r => (r.Key, r.Number, r.Text)));
        }

        public void Reopen(bool crash)
        {
            if (crash)
            {
                _database.Find("records")!.Close(checkpoint: false);
            }

            _database.Dispose();
            Open();
            _records.GetAsync(_expected.Select(static e => e.Key)).ToBlockingEnumerable().Select(static r => (r.Key, r.Number, r.Text))
                .Should().Equal(_expected.Select(static e => (e.Key, e.Number, e.Text)));
        }

        public void Dispose()
        {
            _database.Dispose();
            _folder.Dispose();
        }

        private void Open()
        {
            _database = new VectorDatabase(_folder.Path, Settings);
            _records = new ProvidersVectorStore(Lease.Of(_database), null).GetCollection<int, Record>("records", new()
            {
                Properties = [new VectorStoreVectorProperty("Vector", typeof(ReadOnlyMemory<float>?), 3) { IndexKind = _kind, DistanceFunction = DistanceFunction.EuclideanDistance }],
            });
            _records.EnsureCollectionExistsAsync().GetAwaiter().GetResult();
        }
    }

    public sealed class Record
    {
        [VectorStoreKey]
        public int Key { get; set; }

        [VectorStoreData]
        public int Number { get; set; }

        [VectorStoreData]
        public string? Text { get; set; }

        public ReadOnlyMemory<float>? Vector { get; set; }
    }
}
