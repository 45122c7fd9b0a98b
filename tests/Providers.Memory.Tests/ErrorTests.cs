namespace Providers.Memory.Tests;

/// <summary>What people read when a memory was not written, and where.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData(null, null, "Operation 2: memory 'm' does not exist.")]
    [InlineData(0L, null, "Operation 2: memory 'm' does not exist.")]
    [InlineData(1L, null, "Operation 2: memory 'm' does not exist; version 1 was expected.")]
    [InlineData(0L, 4L, "Operation 2: memory 'm' exists already, at version 4.")]
    [InlineData(1L, 4L, "Operation 2: memory 'm' is at version 4; version 1 was expected. Read it again and repeat the change.")]
    public void Conflict_SaysWhichOperationWhatThereIsAndWhatWasExpected(long? expected, long? current, string message)
    {
        MemoryConflictException conflict = new(2, "m", expected, current);
        conflict.Message.Should().Be(message);
        (conflict.Index, conflict.Id, conflict.Expected, conflict.Current).Should().Be((2, "m", expected, current));
    }

    [Fact]
    public void Quota_SaysWhoHowManyAndWhenAgain() =>
        new MemoryQuotaException("tool", 10, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(2.1)).Message
            .Should().Be("Source 'tool' may write 10 memories in 00:01:00; try again in 3 s.");

    [Fact]
    public void Scope_ReadsAsTenantAndNamespace()
    {
        MemoryScope scope = new("acme", "notes");
        scope.ToString().Should().Be("acme/notes");
        scope.Session("s1").ToString().Should().Be("acme/notes:session:s1");
        scope.Session("s1").LongTerm.Should().Be(scope);
        scope.LongTerm.Should().BeSameAs(scope);
    }
}
