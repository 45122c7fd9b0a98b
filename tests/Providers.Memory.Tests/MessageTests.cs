namespace Providers.Memory.Tests;

/// <summary>What the contract's exceptions and scopes say to whoever reads a log: which memory, whose, with which numbers.</summary>
public sealed class MessageTests
{
    [Theory]
    [InlineData(null, null, "Operation 2: memory 'a' does not exist.")]
    [InlineData(0L, null, "Operation 2: memory 'a' does not exist.")]
    [InlineData(1L, null, "Operation 2: memory 'a' does not exist; version 1 was expected.")]
    [InlineData(3L, null, "Operation 2: memory 'a' does not exist; version 3 was expected.")]
    [InlineData(0L, 4L, "Operation 2: memory 'a' exists already, at version 4.")]
    [InlineData(1L, 4L, "Operation 2: memory 'a' is at version 4; version 1 was expected. Read it again and repeat the change.")]
    [InlineData(3L, 4L, "Operation 2: memory 'a' is at version 4; version 3 was expected. Read it again and repeat the change.")]
    public void Conflict_SaysWhatIsThereAndWhatWasExpected(long? expected, long? current, string message)
    {
        MemoryConflictException error = new(2, "a", expected, current);
        error.Message.Should().Be(message);
        (error.Index, error.Id, error.Expected, error.Current).Should().Be((2, "a", expected, current));
    }

    [Fact]
    public void Quota_SaysHowManyInWhichTimeAndWhenAgain()
    {
        MemoryQuotaException error = new("bot", 5, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(12.1));
        error.Message.Should().Be("Source 'bot' may write 5 memories in 00:01:00; try again in 13 s.");
        (error.WrittenBy, error.Limit, error.RetryAfter).Should().Be(("bot", 5, TimeSpan.FromSeconds(12.1)));
    }

    [Fact]
    public void Validation_GivesAllErrors()
    {
        MemoryValidationException error = new(["a: is wrong.", "b: too."]);
        error.Message.Should().Be("a: is wrong. b: too.");
        error.Errors.Should().HaveCount(2);
    }

    [Fact]
    public void Session_IsANamespaceOfItsOwnBesideTheLongTermOne()
    {
        MemoryScope scope = new("acme", "notes");
        MemoryScope session = scope.Session("7");
        (session.ToString(), session.IsSession, scope.IsSession).Should().Be(("acme/notes:session:7", true, false));
        scope.ToString().Should().Be("acme/notes");
        session.LongTerm.Should().Be(scope);
        scope.LongTerm.Should().BeSameAs(scope);
        session.Session("8").Should().Be(scope.Session("8"), "a session has no sessions");
        (new MemoryScope("providers.x").IsReserved, new MemoryScope("providers").IsReserved).Should().Be((true, false));
        new MemoryScope("a").Namespace.Should().Be("default");
    }
}
