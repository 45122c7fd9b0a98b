using Providers.AspNetCore.Auth;

namespace Providers.AspNetCore.Tests.Auth;

public sealed class ApiKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keys-").FullName;

    private string KeyFile => Path.Combine(_folder, "keys.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Create_Always_HasTheFormAndIsNeverTheSame()
    {
        string[] keys = [.. Enumerable.Range(0, 1000).Select(static _ => ApiKeyFormat.Create())];
        keys.Should().OnlyHaveUniqueItems().And.AllSatisfy(static k => k.Should().MatchRegex("^ms_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$"));
        keys.Should().OnlyContain(static k => ApiKeyFormat.IsWellFormed(k));
    }

    [Fact]
    public void IsWellFormed_OfAKeyWithOneCharacterChanged_IsFalse()
    {
        string key = ApiKeyFormat.Create();
        for (int i = 0; i < key.Length; i++)
        {
            string other = key[..i] + (key[i] == 'a' ? 'b' : 'a') + key[(i + 1)..];
            ApiKeyFormat.IsWellFormed(other).Should().BeFalse($"character {i} was changed");
        }

        ApiKeyFormat.IsWellFormed(key.AsSpan(1)).Should().BeFalse();
        ApiKeyFormat.IsWellFormed("").Should().BeFalse();
    }

    [Fact]
    public async Task Issue_IntoAFile_KeepsTheHashAloneAndIsReadBack()
    {
        string secret;
        using (FileApiKeyStore store = new(KeyFile))
        {
            (secret, ApiKey key) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Chat | GatewayScopes.MemoryRead, "web", DateTimeOffset.UtcNow.AddDays(1));
            key.ToString().Should().NotContain(secret[20..60]);
        }

        string text = await File.ReadAllTextAsync(KeyFile);
        text.Should().NotContain(secret).And.NotContain(secret[17..60]);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(KeyFile).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        using FileApiKeyStore again = new(KeyFile);
        ApiKey read = again.Find(ApiKeyFormat.IdOf(secret))!;
        read.Tenant.Should().Be("acme");
        read.Scopes.Should().Be(GatewayScopes.Chat | GatewayScopes.MemoryRead);
        read.Name.Should().Be("web");
        ApiKeyFormat.Matches(secret, read.Hash).Should().BeTrue();
        ApiKeyFormat.Matches(ApiKeyFormat.Create(), read.Hash).Should().BeFalse();
        ApiKeyFormat.Matches(secret, "not a hash").Should().BeFalse();
    }

    [Fact]
    public async Task Rotate_WithAnOverlap_LeavesBothKeysForThatLong()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
        using FileApiKeyStore store = new(null);
        (_, ApiKey old) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Admin, clock: clock);
        (string Secret, ApiKey Key) fresh = (await ApiKeyIssuer.RotateAsync(store, old.Id, TimeSpan.FromHours(1), clock))!.Value;
        fresh.Key.Scopes.Should().Be(GatewayScopes.Admin);
        store.Find(old.Id)!.IsActive(clock.GetUtcNow()).Should().BeTrue();
        clock.Advance(TimeSpan.FromHours(1));
        store.Find(old.Id)!.IsActive(clock.GetUtcNow()).Should().BeFalse();
        store.Find(fresh.Key.Id)!.IsActive(clock.GetUtcNow()).Should().BeTrue();
        (await ApiKeyIssuer.RotateAsync(store, old.Id, TimeSpan.Zero, clock)).Should().BeNull("an ended key has no successor");
        (await ApiKeyIssuer.RotateAsync(store, "nokey123", TimeSpan.Zero, clock)).Should().BeNull();
    }

    /// <summary>A key is rotated because it ends soon: a successor that ended with it would be none.</summary>
    [Fact]
    public async Task Rotate_OfAKeyThatEnds_GivesTheSuccessorAsLongALife()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
        using FileApiKeyStore store = new(null);
        (_, ApiKey old) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Chat, expires: clock.GetUtcNow().AddDays(90), clock: clock);
        clock.Advance(TimeSpan.FromDays(89));
        (await ApiKeyIssuer.RotateAsync(store, old.Id, TimeSpan.FromDays(7), clock))!.Value.Key.Expires.Should().Be(clock.GetUtcNow().AddDays(90));
        store.Find(old.Id)!.Expires.Should().Be(old.Expires, "an overlap does not lengthen the old one");

        (_, ApiKey last) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Chat, expires: DateTimeOffset.MaxValue, clock: clock);
        clock.Advance(TimeSpan.FromDays(1));
        (await ApiKeyIssuer.RotateAsync(store, last.Id, TimeSpan.Zero, clock))!.Value.Key.Expires.Should().Be(DateTimeOffset.MaxValue);
        (_, ApiKey endless) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Chat, clock: clock);
        (await ApiKeyIssuer.RotateAsync(store, endless.Id, TimeSpan.Zero, clock))!.Value.Key.Expires.Should().BeNull();
    }

    [Fact]
    public async Task Rotate_RevokedInTheMeantime_StaysRevoked()
    {
        using FileApiKeyStore kept = new(null);
        (_, ApiKey old) = await ApiKeyIssuer.IssueAsync(kept, "acme", GatewayScopes.Chat);
        RevokingStore store = new(kept, old.Id);
        (await ApiKeyIssuer.RotateAsync(store, old.Id, TimeSpan.FromHours(1))).Should().NotBeNull();
        kept.Find(old.Id)!.Revoked.Should().NotBeNull("somebody revoked it while its successor was being kept");
    }

    [Fact]
    public async Task Revoke_Twice_KeepsTheFirstMoment()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
        using FileApiKeyStore store = new(null);
        (_, ApiKey key) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Chat, clock: clock);
        (await ApiKeyIssuer.RevokeAsync(store, key.Id, clock)).Should().BeTrue();
        DateTimeOffset at = store.Find(key.Id)!.Revoked!.Value;
        clock.Advance(TimeSpan.FromHours(1));
        (await ApiKeyIssuer.RevokeAsync(store, key.Id, clock)).Should().BeTrue();
        store.Find(key.Id)!.Revoked.Should().Be(at);
        (await ApiKeyIssuer.RevokeAsync(store, "nokey123", clock)).Should().BeFalse();
        store.List().Should().ContainSingle();
    }

    [Fact]
    public async Task Issue_WithNonsense_SaysWhatIsWrong()
    {
        using FileApiKeyStore store = new(null);
        await ((Func<Task>)(() => ApiKeyIssuer.IssueAsync(store, "a/b", GatewayScopes.Chat).AsTask())).Should().ThrowAsync<ArgumentException>().WithMessage("*tenant*");
        await ((Func<Task>)(() => ApiKeyIssuer.IssueAsync(store, "a", GatewayScopes.None).AsTask())).Should().ThrowAsync<ArgumentException>().WithMessage("*scopes*");
        await ((Func<Task>)(() => ApiKeyIssuer.IssueAsync(store, "a", (GatewayScopes)4096).AsTask())).Should().ThrowAsync<ArgumentException>().WithMessage("*scopes*");
        await ((Func<Task>)(() => ApiKeyIssuer.IssueAsync(store, "a", GatewayScopes.Chat, new string('n', 65)).AsTask())).Should().ThrowAsync<ArgumentException>().WithMessage("*65*64*");
        await ((Func<Task>)(() => ApiKeyIssuer.IssueAsync(store, "a", GatewayScopes.Chat, expires: DateTimeOffset.UnixEpoch).AsTask())).Should().ThrowAsync<ArgumentException>().WithMessage("*past*");
        store.List().Should().BeEmpty();
    }

    [Fact]
    public async Task Open_OfAFileThatIsNoKeyFile_SaysWhichAndWhatToDo()
    {
        await File.WriteAllTextAsync(KeyFile, "{ not keys");
        Action open = () => _ = new FileApiKeyStore(KeyFile);
        open.Should().Throw<InvalidDataException>().WithMessage("*keys.json*Restore*");
    }

    [Fact]
    public async Task Save_ByManyAtOnce_LosesNone()
    {
        using FileApiKeyStore store = new(KeyFile);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => ApiKeyIssuer.IssueAsync(store, $"tenant-{i}", GatewayScopes.Chat).AsTask())));
        using FileApiKeyStore again = new(KeyFile);
        again.List().Should().HaveCount(20);
    }

    /// <summary>Revokes one key while another one is being kept.</summary>
    private sealed class RevokingStore(IApiKeyStore inner, string revoked) : IApiKeyStore
    {
        public ApiKey? Find(string id) => inner.Find(id);

        public IReadOnlyList<ApiKey> List() => inner.List();

        public async ValueTask SaveAsync(ApiKey key, CancellationToken cancellationToken = default)
        {
            await inner.SaveAsync(key, cancellationToken);
            if (key.Id != revoked)
            {
                await ApiKeyIssuer.RevokeAsync(inner, revoked, cancellationToken: cancellationToken);
            }
        }
    }
}
