using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Providers.AspNetCore.Auth;

namespace Providers.AspNetCore.Tests.Auth;

/// <summary>The key file is changed by a running host and beside it, by a command that issues or revokes.</summary>
public sealed class KeyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keyfile-").FullName;
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly FakeLogCollector _logs = new();
    private readonly FileApiKeyStore _host;

    public KeyFileTests() => _host = new FileApiKeyStore(Path, _clock, new FakeLogger(_logs));

    private string Path => System.IO.Path.Combine(_folder, "keys.json");

    public void Dispose()
    {
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Change_ByAnotherProcess_CountsWithinASecond()
    {
        using FileApiKeyStore command = new(Path, _clock);
        (_, ApiKey key) = await ApiKeyIssuer.IssueAsync(command, "acme", GatewayScopes.Chat, clock: _clock);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _host.Find(key.Id)!.Tenant.Should().Be("acme");
        await ApiKeyIssuer.RevokeAsync(command, key.Id, _clock);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _host.Find(key.Id)!.Revoked.Should().NotBeNull();
        _host.List().Should().ContainSingle();
    }

    [Fact]
    public async Task Save_AfterAChangeByAnotherProcess_LosesNothingOfIt()
    {
        (_, ApiKey mine) = await ApiKeyIssuer.IssueAsync(_host, "acme", GatewayScopes.Chat, clock: _clock);
        using FileApiKeyStore command = new(Path, _clock);
        (_, ApiKey theirs) = await ApiKeyIssuer.IssueAsync(command, "acme", GatewayScopes.Chat, clock: _clock);
        await ApiKeyIssuer.RevokeAsync(command, mine.Id, _clock);
        await ApiKeyIssuer.IssueAsync(_host, "acme", GatewayScopes.Chat, clock: _clock); // the second is not over
        await _host.SaveAsync(mine with { Name = "renamed" }); // as it was read before the revocation
        using FileApiKeyStore again = new(Path, _clock);
        again.List().Should().HaveCount(3);
        again.Find(theirs.Id).Should().NotBeNull();
        again.Find(mine.Id)!.Should().Match<ApiKey>(static k => k.Revoked != null && k.Name == "renamed");
    }

    [Fact]
    public async Task File_ThatIsSpoiledBesideTheHost_LeavesTheKnownKeysAndIsNotWrittenOver()
    {
        (_, ApiKey key) = await ApiKeyIssuer.IssueAsync(_host, "acme", GatewayScopes.Chat, clock: _clock);
        string good = await File.ReadAllTextAsync(Path);
        await File.WriteAllTextAsync(Path, "[ spoiled");
        for (int i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _host.Find(key.Id).Should().NotBeNull();
        }

        _logs.GetSnapshot().Should().ContainSingle().Which.Message.Should().Contain("the 1 keys known go on");
        await FluentActions.Awaiting(() => ApiKeyIssuer.IssueAsync(_host, "acme", GatewayScopes.Chat, clock: _clock).AsTask()).Should().ThrowAsync<InvalidDataException>();
        (await File.ReadAllTextAsync(Path)).Should().Be("[ spoiled");
        await File.WriteAllTextAsync(Path, good.Replace("acme", "other", StringComparison.Ordinal));
        _clock.Advance(TimeSpan.FromSeconds(1));
        _host.Find(key.Id)!.Tenant.Should().Be("other", "it is read again as soon as it can be");
    }

    /// <summary>A secret that is mounted into a container is a link to a link to a folder; the link in the middle is turned.</summary>
    [Fact]
    public async Task File_BehindLinks_IsReadAgainWhenTheyTurn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights there");
        string[] ids = new string[2];
        for (int i = 0; i < 2; i++)
        {
            using FileApiKeyStore store = new(System.IO.Path.Combine(_folder, $"v{i}", "keys.json"), _clock);
            ids[i] = (await ApiKeyIssuer.IssueAsync(store, i == 0 ? "acme" : "other-acme", GatewayScopes.Chat, clock: _clock)).Key.Id;
        }

        string middle = System.IO.Path.Combine(_folder, "data");
        Directory.CreateSymbolicLink(middle, "v0");
        File.CreateSymbolicLink(Path, System.IO.Path.Combine("data", "keys.json"));
        using FileApiKeyStore host = new(Path, _clock);
        (host.Find(ids[0]) is null, host.Find(ids[1]) is null).Should().Be((false, true));
        Directory.Delete(middle);
        Directory.CreateSymbolicLink(middle, "v1");
        _clock.Advance(TimeSpan.FromSeconds(1));
        (host.Find(ids[0]) is null, host.Find(ids[1]) is null).Should().Be((true, false));
    }

    [Theory]
    [InlineData("[null]")]
    [InlineData("""[{"id":"abcdefgh","tenant":"acme","scopes":"Chat"}]""")]
    [InlineData("""[{"id":"abcdefgh","hash":null,"tenant":"acme","scopes":"Chat"}]""")]
    [InlineData("""[{"id":"abcdefgh","hash":"00","tenant":"acme","scopes":"Chat"},{"id":"abcdefgh","hash":"00","tenant":"acme","scopes":"Chat"}]""")]
    public async Task File_WhoseEntriesAreNoKeys_IsRefused(string text)
    {
        await File.WriteAllTextAsync(Path, text);
        Action open = () => _ = new FileApiKeyStore(Path);
        open.Should().Throw<InvalidDataException>().WithMessage("*keys.json*Restore*");
    }

    [Fact]
    public async Task Save_ByTwoStoresAtOnce_LosesNone()
    {
        using FileApiKeyStore command = new(Path, _clock);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => ApiKeyIssuer.IssueAsync(i % 2 == 0 ? _host : command, "acme", GatewayScopes.Chat, clock: _clock).AsTask())));
        using FileApiKeyStore again = new(Path, _clock);
        again.List().Should().HaveCount(40);
        Directory.GetFiles(_folder).Select(System.IO.Path.GetFileName).Should().BeEquivalentTo("keys.json", "keys.json.lock");
    }
}
