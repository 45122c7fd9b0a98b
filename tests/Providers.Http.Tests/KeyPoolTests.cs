using Microsoft.Extensions.Time.Testing;

namespace Providers.Http.Tests;

/// <summary>Which keys a request is given, on a clock that only the test moves.</summary>
public sealed class KeyPoolTests
{
    private readonly FakeTimeProvider _clock = new();
    private string[] _keys = ["first-key", "second-key", "third-key"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(401, null, 600)]
    [InlineData(402, null, 600)]
    [InlineData(403, 5, 600)] // refused for good: what it says of a pause does not count
    [InlineData(429, null, 30)]
    [InlineData(429, 5, 5)]
    public async Task Refused_RestsAsLongAsItsStatusSays_ToTheMoment(int status, int? retryAfter, int seconds)
    {
        ApiKeyPool pool = Create();
        (await TakeAsync(pool)).Should().Equal("first-key", "second-key", "third-key");
        pool.Refuse("first-key", status, retryAfter is { } s ? TimeSpan.FromSeconds(s) : null);
        (await TakeAsync(pool)).Should().Equal("second-key", "third-key");
        _clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        (await TakeAsync(pool)).Should().Equal("second-key", "third-key");
        _clock.Advance(TimeSpan.FromTicks(1));
        (await TakeAsync(pool)).Should().Equal("first-key", "second-key", "third-key");
    }

    [Fact]
    public async Task AllRefused_TheOneThatIsBackSoonestIsTried()
    {
        ApiKeyPool pool = Create();
        await TakeAsync(pool);
        pool.Refuse("first-key", 401, null);
        pool.Refuse("second-key", 429, TimeSpan.FromSeconds(3));
        pool.Refuse("third-key", 429, TimeSpan.FromSeconds(9));
        (await TakeAsync(pool)).Should().Equal("second-key");
    }

    [Fact]
    public async Task Rotated_TheOldKeysAreForgotten()
    {
        ApiKeyPool pool = Create();
        await TakeAsync(pool);
        pool.Refuse("first-key", 401, null);
        pool.Refuse("second-key", 401, null);
        _keys = ["fresh-key", "second-key"];
        (await TakeAsync(pool)).Should().Equal("fresh-key");
        pool.Resting.Should().Be(1, "first-key will not come back");
    }

    [Fact]
    public async Task Same_KeyTwice_IsTriedOnce()
    {
        _keys = ["first-key", "first-key", "second-key"];
        (await TakeAsync(Create())).Should().Equal("first-key", "second-key");
    }

    [Fact]
    public async Task Only_Key_IsNeverKeptFromServing()
    {
        _keys = ["first-key"];
        ApiKeyPool pool = Create();
        await TakeAsync(pool);
        pool.Refuse("first-key", 401, null);
        (await TakeAsync(pool)).Should().Equal("first-key");
        pool.Resting.Should().Be(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a key")]
    [InlineData("key\n")]
    [InlineData("schlüssel")]
    public async Task Key_ThatNoHeaderCarries_IsNamedWithoutItself(string key)
    {
        _keys = ["first-key", key];
        ProviderException seen = (await FluentActions.Awaiting(() => TakeAsync(Create())).Should().ThrowAsync<ProviderException>()).Which;
        seen.Kind.Should().Be(FailureKind.AuthFailed);
        seen.Message.Should().Contain("nothing was sent").And.NotContain("first-key");
    }

    [Fact]
    public async Task Text_ThatRepeatsAKey_IsScrubbedOfThoseLongEnoughToBeSecrets()
    {
        _keys = ["12345678", "1234567"];
        ApiKeyPool pool = Create();
        await TakeAsync(pool);
        pool.Scrub("12345678 and 1234567").Should().Be("[key] and 1234567");
    }

    private static Task<IReadOnlyList<string>> TakeAsync(ApiKeyPool pool) => pool.TakeAsync(Stop).AsTask();

    private ApiKeyPool Create() => new(_ => new(_keys), clock: _clock);
}
