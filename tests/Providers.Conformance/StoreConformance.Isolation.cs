using Providers.Memory;

namespace Providers.Conformance;

/// <summary>Gate G11: random operations of three tenants at once, through every method; nothing of one is ever seen by another.</summary>
public abstract partial class StoreConformance
{
    /// <summary>How many operations the tenants do, unless MEMORY_OPERATIONS says it; a store behind a network may do fewer.</summary>
    protected virtual int IsolationOperations => 100_000;

    [Fact]
    public async Task Tenants_AtOnce_NeverSeeEachOther()
    {
        MemoryScope[] scopes = [new("ant"), new("bee"), new("cat"), new("cat", "other")];
        int operations = int.TryParse(Environment.GetEnvironmentVariable("MEMORY_OPERATIONS"), out int asked) ? asked : IsolationOperations;
        int each = operations / scopes.Length, foreign = 0, seen = 0;
        void See(MemoryScope scope, IEnumerable<MemoryRecord> records)
        {
            foreach (MemoryRecord record in records)
            {
                Interlocked.Increment(ref seen);
                if (record.Text.Split(' ')[0] != Mark(scope))
                {
                    Interlocked.Increment(ref foreign);
                }
            }
        }

        await Task.WhenAll(scopes.Select((scope, number) => Task.Run(async () =>
        {
            Random random = new(number);
            string? cursor = null;
            for (int i = 0; i < each; i++)
            {
                string id = $"m{random.Next(40)}";
                float[] vector = [random.NextSingle() + 0.1f, random.NextSingle()];
                try
                {
                    switch (random.Next(20))
                    {
                        case 0:
                            await Store.ExecuteAsync(new MemoryTransaction(scope, [Marked(scope, id, vector, random)]) { IdempotencyKey = random.Next(2) == 0 ? $"k{random.Next(5)}" : null, KeepHistory = true });
                            break;
                        case 1:
                            await Store.ExecuteAsync(new MemoryTransaction(scope, [new MemoryDelete(id), random.Next(2) == 0 ? new MemoryLink("m1", MemoryRelation.Supports, "m2") : Marked(scope, id + "x", vector, random)]));
                            break;
                        case 2 or 3:
                            See(scope, (await Store.SearchAsync(scope, new MemoryQuery { Text = "shared words", Vector = vector, VectorSpace = "s", Mode = (MemorySearchMode)random.Next(3) })).Select(static m => m.Record));
                            break;
                        case 4:
                            MemoryPage page = await Store.ListAsync(scope, new MemoryListOptions { Limit = 5, Cursor = cursor });
                            See(scope, page.Records);
                            cursor = page.NextCursor;
                            break;
                        case 5:
                            See(scope, await Store.GetHistoryAsync(scope, id));
                            break;
                        case 6 when random.Next(20) == 0:
                            await Store.DeleteAsync(scope, new MemoryFilter { Ids = [id] });
                            break;
                        case 7:
                            foreach (MemoryEdge edge in await Store.GetRelatedAsync(scope, id, new MemoryRelatedOptions { Depth = 3 }))
                            {
                                See(scope, await Store.GetAsync(scope, edge.To) is { } to ? [to] : []);
                            }

                            break;
                        case 8 when random.Next(20) == 0:
                            foreach (string tag in await Store.ListTagsAsync(scope))
                            {
                                foreign += tag == Mark(scope) ? 0 : 1;
                            }

                            break;
                        default:
                            See(scope, await Store.GetAsync(scope, id) is { } record ? [record] : []);
                            break;
                    }
                }
                catch (Exception e) when (e is MemoryConflictException or MemoryValidationException)
                {
                    cursor = null; // a link to what is gone, or a key used for something else
                }
            }
        })));
        foreign.Should().Be(0, "of {0} records seen", seen);
        seen.Should().BeGreaterThan(each / 4);
        foreach (MemoryScope scope in scopes)
        {
            See(scope, await AllAsync(Store.ReadAllAsync(scope)));
        }

        foreign.Should().Be(0);
        TestContext.Current.TestOutputHelper?.WriteLine($"{each * scopes.Length} operations of 3 tenants, {seen} records seen, {foreign} of others");
    }

    private static string Mark(MemoryScope scope) => scope.Tenant + scope.Namespace;

    private static MemoryUpsert Marked(MemoryScope scope, string id, float[] vector, Random random) => new(new MemoryRecord
    {
        Id = id,
        Text = $"{Mark(scope)} shared words {random.Next(1_000)}",
        Tags = [Mark(scope)],
        Vector = vector,
        VectorSpace = "s",
    });
}
