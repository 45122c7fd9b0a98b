using System.Text.Json;

namespace Providers.Memory.Tests.Writing;

/// <summary>What a transaction does is decided from what is there, before anything is written.</summary>
public sealed class TransactionPlanTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_before = s_now.AddDays(-3);
    private static readonly float[] s_vector = [1, 2];
    private static readonly MemoryRecord s_there = new()
    {
        Id = "a",
        Text = "old",
        Kind = "fact",
        Tags = ["t"],
        Metadata = Json("""{"k":1}"""),
        Importance = 0.25,
        Created = s_before,
        Updated = s_before.AddHours(1),
        Expires = s_now.AddDays(9),
        Version = 4,
        Vector = s_vector,
        VectorSpace = "v",
    };

    [Fact]
    public void Upsert_OfNothing_CreatesTheFirstVersionNow()
    {
        (MemoryOutcome outcome, MemoryRecord? after) = Decide(new MemoryUpsert(new MemoryRecord { Id = "n", Text = "t", Created = s_before, Updated = s_before }));
        outcome.Should().Be(new MemoryOutcome(MemoryChange.Created, "n", 1));
        (after!.Created, after.Updated, after.Version).Should().Be((s_now, s_now, 1));
    }

    [Fact]
    public void Upsert_OfWhatIsThere_KeepsItsCreation()
    {
        (MemoryOutcome outcome, MemoryRecord? after) = Decide(new MemoryUpsert(new MemoryRecord { Id = "a", Text = "t" }));
        outcome.Should().Be(new MemoryOutcome(MemoryChange.Updated, "a", 5));
        (after!.Created, after.Updated, after.Version, after.Text, after.Kind).Should().Be((s_before, s_now, 5, "t", "note"));
    }

    [Fact]
    public void Upsert_ThatKeepsTimes_TakesThoseThatAreSet()
    {
        DateTimeOffset longAgo = s_now.AddYears(-1);
        MemoryRecord record = new() { Id = "a", Text = "t", Created = longAgo, Updated = longAgo.AddHours(1) };
        (_, MemoryRecord? after) = Decide(new MemoryUpsert(record) { KeepTimes = true });
        (after!.Created, after.Updated).Should().Be((record.Created, record.Updated));
        (_, after) = Decide(new MemoryUpsert(record with { Created = default, Updated = default }) { KeepTimes = true });
        (after!.Created, after.Updated).Should().Be((s_before, s_now));
    }

    [Fact]
    public void Upsert_WithoutAnId_GetsOneOfTheTime()
    {
        string[] ids = TransactionPlan.IdsOf(new(new MemoryScope("t"), [new MemoryUpsert(new MemoryRecord { Text = "t" }), new MemoryUpsert(new MemoryRecord { Text = "t" })]), s_now);
        ids.Should().OnlyHaveUniqueItems();
        string moment = Guid.CreateVersion7(s_now).ToString()[..13];
        ids.Should().OnlyContain(i => i.StartsWith(moment, StringComparison.Ordinal));
        TransactionPlan plan = Plan(new MemoryUpsert(new MemoryRecord { Text = "t" }));
        plan.Decide([ids[0]]);
        plan.Outcomes.Should().Equal(new MemoryOutcome(MemoryChange.Created, ids[0], 1));
        plan.Memories.Should().ContainSingle().Which.After!.Id.Should().Be(ids[0]);
    }

    [Fact]
    public void Ids_AreThoseTheOperationsAreAbout() => TransactionPlan.IdsOf(
        new(new MemoryScope("t"), [new MemoryUpsert(new MemoryRecord { Id = "1", Text = "t" }), new MemoryPatch("2"), new MemoryEmbed("3", s_vector, "v"), new MemoryDelete("4"), new MemoryLink("5", MemoryRelation.RelatedTo, "x"), new MemoryUnlink("6", MemoryRelation.RelatedTo, "x")]),
        s_now).Should().Equal("1", "2", "3", "4", "5", "6");

    [Fact]
    public void Patch_OfNothingMore_LeavesAllButVersionAndTime()
    {
        (MemoryOutcome outcome, MemoryRecord? after) = Decide(new MemoryPatch("a"));
        outcome.Should().Be(new MemoryOutcome(MemoryChange.Updated, "a", 5));
        after.Should().Be(s_there with { Version = 5, Updated = s_now });
    }

    [Fact]
    public void Patch_OfTheText_DropsTheVectorOfTheOldWords()
    {
        MemoryRecord after = Patched(new MemoryPatch("a") { Text = "new" });
        (after.Text, after.Vector, after.VectorSpace).Should().Be(("new", null, null));
        after = Patched(new MemoryPatch("a") { Text = "old" });
        (after.Text, after.VectorSpace).Should().Be(("old", "v"), "the words are the same");
        after.Vector!.Value.ToArray().Should().Equal(s_vector);
        after = Patched(new MemoryPatch("a") { Text = "new", Vector = new float[] { 3 }, VectorSpace = "w" });
        after.VectorSpace.Should().Be("w");
        after.Vector!.Value.ToArray().Should().Equal(3);
        Patched(new MemoryPatch("a") { Vector = new float[] { 3 }, VectorSpace = "w" }).VectorSpace.Should().Be("w");
    }

    [Fact]
    public void Patch_OfAPart_ChangesThatPart()
    {
        Patched(new MemoryPatch("a") { Tags = ["x", "y"] }).Tags.Should().Equal("x", "y");
        Patched(new MemoryPatch("a") { Tags = [] }).Tags.Should().BeEmpty();
        Patched(new MemoryPatch("a") { Importance = 0 }).Importance.Should().Be(0);
        Patched(new MemoryPatch("a") { Metadata = Json("""{"n":2}""") }).Metadata!.Value.GetRawText().Should().Be("""{"n":2}""");
        Patched(new MemoryPatch("a") { Metadata = Json("null") }).Metadata.Should().BeNull();
        Patched(new MemoryPatch("a") { Expires = s_now.AddDays(1) }).Expires.Should().Be(s_now.AddDays(1));
        Patched(new MemoryPatch("a") { Expires = DateTimeOffset.MaxValue }).Expires.Should().BeNull();
    }

    [Fact]
    public void Patch_OfTheArchive_KeepsTheFirstMoment()
    {
        Patched(new MemoryPatch("a") { Archived = true }).Archived.Should().Be(s_now);
        Patched(new MemoryPatch("a") { Archived = false }).Archived.Should().BeNull();
        MemoryRecord archived = s_there with { Archived = s_before };
        Patched(new MemoryPatch("a") { Archived = true }, archived).Archived.Should().Be(s_before);
        Patched(new MemoryPatch("a"), archived).Archived.Should().Be(s_before);
        Patched(new MemoryPatch("a") { Archived = false }, archived).Archived.Should().BeNull();
    }

    [Fact]
    public void Embed_ChangesTheVectorAlone()
    {
        (MemoryOutcome outcome, MemoryRecord? after) = Decide(new MemoryEmbed("a", new float[] { 9 }, "w"));
        outcome.Should().Be(new MemoryOutcome(MemoryChange.Updated, "a", 4));
        after!.Vector!.Value.ToArray().Should().Equal(9);
        (after with { Vector = s_there.Vector, VectorSpace = "v" }).Should().Be(s_there);
        after.VectorSpace.Should().Be("w");
    }

    [Fact]
    public void Delete_TellsWhetherItWasThere()
    {
        (MemoryOutcome outcome, MemoryRecord? after) = Decide(new MemoryDelete("a"));
        (outcome, after).Should().Be((new MemoryOutcome(MemoryChange.Deleted, "a", 0), null));
        Decide(new MemoryDelete("n")).Outcome.Should().Be(new MemoryOutcome(MemoryChange.NotFound, "n", 0));
    }

    [Fact]
    public void Version_ThatIsAnother_IsAConflictThatNamesBoth()
    {
        Conflict(new MemoryUpsert(new MemoryRecord { Id = "a", Text = "t" }) { ExpectedVersion = 3 }, "a", 3, 4);
        Conflict(new MemoryUpsert(new MemoryRecord { Id = "a", Text = "t" }) { ExpectedVersion = 0 }, "a", 0, 4);
        Conflict(new MemoryUpsert(new MemoryRecord { Id = "n", Text = "t" }) { ExpectedVersion = 1 }, "n", 1, null);
        Conflict(new MemoryPatch("a") { ExpectedVersion = 5 }, "a", 5, 4);
        Conflict(new MemoryPatch("n") { ExpectedVersion = 5 }, "n", 5, null);
        Conflict(new MemoryPatch("n"), "n", null, null);
        Conflict(new MemoryEmbed("a", s_vector, "v") { ExpectedVersion = 5 }, "a", 5, 4);
        Conflict(new MemoryEmbed("n", s_vector, "v"), "n", null, null);
        Conflict(new MemoryDelete("a") { ExpectedVersion = 5 }, "a", 5, 4);
        Conflict(new MemoryDelete("n") { ExpectedVersion = 5 }, "n", 5, null);
    }

    [Fact]
    public void Version_ThatIsThere_Passes()
    {
        Decide(new MemoryUpsert(new MemoryRecord { Id = "a", Text = "t" }) { ExpectedVersion = 4 }).Outcome.Version.Should().Be(5);
        Decide(new MemoryUpsert(new MemoryRecord { Id = "n", Text = "t" }) { ExpectedVersion = 0 }).Outcome.Version.Should().Be(1);
        Decide(new MemoryPatch("a") { ExpectedVersion = 4 }).Outcome.Version.Should().Be(5);
        Decide(new MemoryEmbed("a", s_vector, "v") { ExpectedVersion = 4 }).Outcome.Version.Should().Be(4);
        Decide(new MemoryDelete("a") { ExpectedVersion = 4 }).Outcome.Change.Should().Be(MemoryChange.Deleted);
        Decide(new MemoryDelete("n") { ExpectedVersion = 0 }).Outcome.Change.Should().Be(MemoryChange.NotFound);
    }

    [Fact]
    public void Operations_SeeThoseBeforeThem()
    {
        TransactionPlan plan = Plan(new MemoryDelete("a"), new MemoryUpsert(new MemoryRecord { Id = "a", Text = "t" }), new MemoryPatch("a") { Text = "u", ExpectedVersion = 1 });
        plan.Decide(["a", "a", "a"]);
        plan.Outcomes.Should().Equal(new MemoryOutcome(MemoryChange.Deleted, "a", 0), new(MemoryChange.Created, "a", 1), new(MemoryChange.Updated, "a", 2));
        plan.Memories.Select(static m => m.After?.Text).Should().Equal(null, "t", "u");
    }

    [Fact]
    public void Link_NeedsBothItsEnds()
    {
        MemoryUpsert other = new(new MemoryRecord { Id = "b", Text = "t" });
        TransactionPlan plan = Plan(other, new MemoryLink("a", MemoryRelation.References, "b"), new MemoryLink("b", MemoryRelation.References, "a"));
        plan.Decide(["b", "a", "b"]);
        plan.Outcomes.Skip(1).Should().Equal(new MemoryOutcome(MemoryChange.Linked, "a", 4), new(MemoryChange.Linked, "b", 1));
        plan.Links.Should().BeEquivalentTo(new Dictionary<MemoryLink, bool> { [new("a", MemoryRelation.References, "b")] = true, [new("b", MemoryRelation.References, "a")] = true });
        Conflict(new MemoryLink("a", MemoryRelation.References, "n"), "n", null, null);
        Conflict(new MemoryLink("n", MemoryRelation.References, "a"), "n", null, null);
    }

    [Fact]
    public void Unlink_TellsWhetherTheLinkWasThere()
    {
        MemoryLink link = new("a", MemoryRelation.References, "a");
        TransactionPlan plan = Plan([link], new MemoryUnlink("a", MemoryRelation.References, "a"), new MemoryUnlink("a", MemoryRelation.References, "a"), new MemoryUnlink("a", MemoryRelation.RelatedTo, "a"));
        plan.Decide(["a", "a", "a"]);
        plan.Outcomes.Should().Equal(new MemoryOutcome(MemoryChange.Unlinked, "a", 0), new(MemoryChange.NotFound, "a", 0), new(MemoryChange.NotFound, "a", 0));
        plan.Links[link].Should().BeFalse();
        plan = Plan([new("a", MemoryRelation.References, "n"), new("n", MemoryRelation.References, "a")], new MemoryUnlink("a", MemoryRelation.References, "n"), new MemoryUnlink("n", MemoryRelation.References, "a"));
        plan.Decide(["a", "n"]);
        plan.Outcomes.Should().OnlyContain(static o => o.Change == MemoryChange.NotFound, "a link goes with either of its ends");
    }

    [Fact]
    public void Delete_TakesTheLinksMadeBeforeItInTheTransaction()
    {
        MemoryUpsert other = new(new MemoryRecord { Id = "b", Text = "t" }), third = new(new MemoryRecord { Id = "c", Text = "t" });
        MemoryLink from = new("b", MemoryRelation.References, "a"), to = new("a", MemoryRelation.References, "b"), beside = new("a", MemoryRelation.References, "c");
        TransactionPlan plan = Plan(other, third, from, to, beside, new MemoryDelete("b"));
        plan.Decide(["b", "c", "b", "a", "a", "b"]);
        plan.Links.Should().BeEquivalentTo(new Dictionary<MemoryLink, bool> { [from] = false, [to] = false, [beside] = true });
    }

    private static void Conflict(MemoryOperation operation, string id, long? expected, long? current)
    {
        TransactionPlan plan = Plan(new MemoryDelete("gone"), operation);
        MemoryConflictException conflict = plan.Invoking(p => p.Decide(["gone", operation is MemoryLink link ? link.From : Step.IdOf(operation, s_now)])).Should().Throw<MemoryConflictException>().Which;
        (conflict.Index, conflict.Id, conflict.Expected, conflict.Current).Should().Be((1, id, expected, current));
    }

    private static MemoryRecord Patched(MemoryPatch patch, MemoryRecord? there = null)
    {
        Step step = Step.Decide(0, patch, there ?? s_there, s_now);
        (step.After!.Version, step.After.Updated, step.After.Created).Should().Be((5, s_now, s_before));
        return step.After;
    }

    private static (MemoryOutcome Outcome, MemoryRecord? After) Decide(MemoryOperation operation)
    {
        TransactionPlan plan = Plan(operation);
        plan.Decide([Step.IdOf(operation, s_now)]);
        return (plan.Outcomes.Should().ContainSingle().Which, plan.Memories.Should().ContainSingle().Which.After);
    }

    private static TransactionPlan Plan(params MemoryOperation[] operations) => Plan([], operations);

    private static TransactionPlan Plan(MemoryLink[] links, params MemoryOperation[] operations) =>
        new(id => id == "a" ? s_there : null, links.Contains, new MemoryTransaction(new MemoryScope("t"), operations), s_now);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();
}
