namespace Providers.Vectors.Tests;

public sealed class RowMapTests
{
    /// <summary>Ids that begin their search at few places, so that what is removed leaves holes in long runs.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(1L << 33)]
    [InlineData(-(1L << 37))]
    public void Map_RandomSetsAndRemovals_IsTheDictionary(long step)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            RowSet rows = Rows();
            var map = new RowMap();
            var model = new Dictionary<long, int>();
            for (int i = 0; i < 300; i++)
            {
                long id = random.Next(60) * step;
                if (random.Next(3) == 0)
                {
                    map.Remove(rows.Chunks, id);
                    model.Remove(id);
                }
                else
                {
                    int row = rows.Append(id, [1, 0]);
                    map.Set(rows.Chunks, id, row);
                    model[id] = row;
                }

                map.Count.Should().Be(model.Count, "seed {0}, step {1}", seed, i);
                for (int other = 0; other < 60; other++)
                {
                    map.Find(rows.Chunks, other * step).Should().Be(model.GetValueOrDefault(other * step, -1), "seed {0}, step {1}, id {2}", seed, i, other * step);
                }
            }
        }
    }

    [Fact]
    public void Map_ThatIsMoreThanTwoThirdsFull_DoublesItsSlots()
    {
        RowSet rows = Rows();
        var map = new RowMap();
        List<long> bytes = [map.Bytes];
        for (int id = 0; id < 22; id++)
        {
            int row = rows.Append(id, [1, 0]);
            map.Set(rows.Chunks, id, row);
            bytes.Add(map.Bytes);
        }

        bytes.Should().Equal([.. Enumerable.Repeat(64L, 11), .. Enumerable.Repeat(128L, 11), 256]);
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(10, 16)]
    [InlineData(11, 32)]
    [InlineData(20, 32)]
    [InlineData(21, 32)]
    [InlineData(22, 64)]
    public void Map_OfRows_HoldsThoseAliveAndHasRoom(int count, int slots)
    {
        RowSet rows = Rows();
        for (int id = 0; id < count; id++)
        {
            rows.Append(id * 7, [1, 0]);
            Bury(rows, id, id % 3 == 1 ? 5 : 0);
        }

        var map = RowMap.Of(rows.Chunks, count);
        (map.Count, map.Bytes).Should().Be((count - ((count + 1) / 3), slots * 4L));
        for (int id = 0; id < count; id++)
        {
            map.Find(rows.Chunks, id * 7).Should().Be(id % 3 == 1 ? -1 : id);
        }
    }

    private static RowSet Rows() => new(new RowLayout(2, VectorMetric.Cosine, brain: false, links: 8), new BitQuantizer(2, 1));

    private static unsafe void Bury(RowSet rows, int row, long version) => rows.Chunks[0].Dead[row] = version;
}
