using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Providers.AspNetCore.Auth;

namespace Providers.AspNetCore.Tests.Auth;

/// <summary>Bearer tokens: rows 56 to 60 of the bad inputs, and rotation of the issuer's keys.</summary>
public sealed class JwtTests
{
    [Fact]
    public async Task Validate_AGoodToken_FindsTenantSubjectAndScopes()
    {
        using Issuer issuer = new();
        AuthOutcome outcome = await issuer.Validator.ValidateAsync(issuer.Token(), default);
        outcome.Caller.Should().Be(new Caller("acme:anna", "acme", GatewayScopes.Chat | GatewayScopes.MemoryRead));
        issuer.Fetches.Should().Be(2, "the metadata and the keys");
        await issuer.Validator.ValidateAsync(issuer.Token(), default);
        issuer.Fetches.Should().Be(2);
    }

    [Fact]
    public async Task Validate_WithAnEcdsaKeyOrAlgorithmsThatAreNotAllowed_IsByTheList()
    {
        using Issuer issuer = new();
        using RSA rsa = RSA.Create(2048);
        string hs = issuer.Token(signing: new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(issuer.PublicPem())) { KeyId = issuer.KeyId }, SecurityAlgorithms.HmacSha256));
        (await issuer.Validator.ValidateAsync(hs, default)).Caller.Should().BeNull("HS256 with the public key as secret is the classic forgery");
        string rs512 = issuer.Token(signing: new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = issuer.KeyId }, SecurityAlgorithms.RsaSha512));
        (await issuer.Validator.ValidateAsync(rs512, default)).Caller.Should().BeNull();
        string stranger = issuer.Token(signing: new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = issuer.KeyId }, SecurityAlgorithms.RsaSha256));
        (await issuer.Validator.ValidateAsync(stranger, default)).Caller.Should().BeNull("another key under the same id");
    }

    [Fact]
    public async Task Validate_WithAlgNone_IsRefused()
    {
        using Issuer issuer = new();
        string[] parts = issuer.Token().Split('.');
        string none = Base64UrlEncoder.Encode($$"""{"alg":"none","typ":"at+jwt","kid":"{{issuer.KeyId}}"}""");
        (await issuer.Validator.ValidateAsync($"{none}.{parts[1]}.", default)).Caller.Should().BeNull();
        (await issuer.Validator.ValidateAsync($"{none}.{parts[1]}.{parts[2]}", default)).Caller.Should().BeNull();
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("' or 1=1 --")]
    [InlineData("key-1 ")]
    public async Task Validate_WithAHostileKeyId_IsRefused(string keyId)
    {
        using Issuer issuer = new();
        using RSA rsa = RSA.Create(2048);
        string token = issuer.Token(signing: new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = keyId }, SecurityAlgorithms.RsaSha256));
        (await issuer.Validator.ValidateAsync(token, default)).Caller.Should().BeNull();
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(-29, true)]
    [InlineData(-31, false)]
    [InlineData(-61, false)]
    [InlineData(60, true)]
    public async Task Validate_AroundItsEnd_FollowsTheSkewOfHalfAMinute(int secondsLeft, bool taken)
    {
        using Issuer issuer = new();
        string token = issuer.Token(expires: TimeSpan.FromSeconds(secondsLeft), notBefore: TimeSpan.FromMinutes(-10));
        AuthOutcome outcome = await issuer.Validator.ValidateAsync(token, default);
        (outcome.Caller is not null).Should().Be(taken);
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(31, false)]
    public async Task Validate_BeforeItsTime_FollowsTheSkewToo(int seconds, bool taken)
    {
        using Issuer issuer = new();
        (await issuer.Validator.ValidateAsync(issuer.Token(notBefore: TimeSpan.FromSeconds(seconds)), default) is { Caller: not null }).Should().Be(taken);
        long issued = (issuer.Clock.GetUtcNow() + TimeSpan.FromSeconds(seconds)).ToUnixTimeSeconds();
        (await issuer.Validator.ValidateAsync(issuer.Token(c => c["iat"] = issued), default) is { Caller: not null }).Should().Be(taken);
    }

    [Fact]
    public async Task Validate_ForSomebodyElseOrOfAnotherType_IsRefused()
    {
        using Issuer issuer = new();
        (await issuer.Validator.ValidateAsync(issuer.Token(type: "JWT"), default)).Caller.Should().BeNull("an identity token is no access token");
        (await issuer.Validator.ValidateAsync(issuer.Token(static c => c["aud"] = "other"), default)).Caller.Should().BeNull();
        (await issuer.Validator.ValidateAsync(issuer.Token(static c => c["iss"] = "https://other.test"), default)).Caller.Should().BeNull();
    }

    [Fact]
    public async Task Validate_WithATypeTheHostAllows_IsTaken()
    {
        using Issuer issuer = new(static o => o.TokenTypes.Add("JWT"));
        (await issuer.Validator.ValidateAsync(issuer.Token(type: "JWT"), default)).Caller.Should().NotBeNull();
    }

    [Fact]
    public async Task Validate_WithoutExactlyOneTenant_IsForbidden()
    {
        using Issuer issuer = new();
        AuthOutcome none = await issuer.Validator.ValidateAsync(issuer.Token(static c => c.Remove("tenant")), default);
        (none.Caller, none.Forbidden).Should().Be((null, true));
        AuthOutcome two = await issuer.Validator.ValidateAsync(issuer.Token(static c => c["tenant"] = new[] { "acme", "other" }), default);
        (two.Caller, two.Forbidden).Should().Be((null, true));
        AuthOutcome odd = await issuer.Validator.ValidateAsync(issuer.Token(static c => c["tenant"] = "a/b"), default);
        (odd.Caller, odd.Forbidden).Should().Be((null, true));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("....")]
    public async Task Validate_OfSomethingElse_IsRefused(string token)
    {
        using Issuer issuer = new();
        (await issuer.Validator.ValidateAsync(token, default)).Caller.Should().BeNull();
        (await issuer.Validator.ValidateAsync(new string('a', 100_000), default)).Caller.Should().BeNull();
        issuer.Fetches.Should().Be(0, "what is no token costs no fetch");
    }

    [Fact]
    public async Task Validate_OfAThousandUnknownKeyIds_FetchesOnceInHalfAMinute()
    {
        using Issuer issuer = new();
        await issuer.Validator.ValidateAsync(issuer.Token(), default);
        issuer.Clock.Advance(TimeSpan.FromSeconds(31));
        int before = issuer.Fetches;
        using RSA rsa = RSA.Create(2048);
        string token = issuer.Token(signing: new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = "stranger" }, SecurityAlgorithms.RsaSha256));
        AuthOutcome[] all = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => issuer.Validator.ValidateAsync(token, default).AsTask())));
        all.Should().OnlyContain(static o => o.Caller == null);
        (issuer.Fetches - before).Should().Be(2, "one look at the metadata and the keys");
    }

    [Fact]
    public async Task Validate_WhileTheKeysRotate_TakesOldTokensUntilTheNewKeyIsSeenAndNewOnesAtOnce()
    {
        using Issuer issuer = new();
        (await issuer.Validator.ValidateAsync(issuer.Token(), default)).Caller.Should().NotBeNull();
        issuer.Clock.Advance(TimeSpan.FromSeconds(31));
        issuer.Rotate();
        string fresh = issuer.Token();
        (await issuer.Validator.ValidateAsync(fresh, default)).Caller.Should().NotBeNull("an unknown key id is looked up");
    }

    /// <summary>An issuer withdraws a key that was stolen: tokens it signed end with it, though nothing else makes us ask.</summary>
    [Fact]
    public async Task Validate_AKeyThatTheIssuerWithdrew_EndsWithinTheHour()
    {
        using Issuer issuer = new();
        string token = issuer.Token(expires: TimeSpan.FromHours(5));
        (await issuer.Validator.ValidateAsync(token, default)).Caller.Should().NotBeNull();
        issuer.Rotate();
        issuer.Clock.Advance(TimeSpan.FromMinutes(59));
        (await issuer.Validator.ValidateAsync(token, default)).Caller.Should().NotBeNull();
        issuer.Fetches.Should().Be(2, "the keys are not old yet");
        issuer.Clock.Advance(TimeSpan.FromMinutes(1));
        using CancellationTokenSource late = new(TimeSpan.FromMinutes(2));
        while ((await issuer.Validator.ValidateAsync(token, default)).Caller is not null)
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield(); // the keys are fetched behind the request that found them old
        }

        issuer.Fetches.Should().Be(4);
    }

    [Fact]
    public async Task Validate_WhileTheIssuerIsDownForHours_AsksAgainAndServesWithTheKeysItHas()
    {
        using Issuer issuer = new();
        string token = issuer.Token(expires: TimeSpan.FromHours(5));
        (await issuer.Validator.ValidateAsync(token, default)).Caller.Should().NotBeNull();
        issuer.Down = true;
        for (int i = 1; i <= 3; i++)
        {
            issuer.Clock.Advance(TimeSpan.FromHours(1));
            (await issuer.Validator.ValidateAsync(token, default)).Caller.Should().NotBeNull();
            (await issuer.Validator.ValidateAsync(token, default)).Caller.Should().NotBeNull();
        }
    }

    [Fact]
    public async Task Validate_ATokenThatNeverEnds_IsTaken()
    {
        using Issuer issuer = new();
        string token = issuer.Token(expires: DateTime.MaxValue - issuer.Clock.GetUtcNow().UtcDateTime);
        (await issuer.Validator.ValidateAsync(token, default)).Caller.Should().NotBeNull();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{\"jwks_uri\":7}")]
    [InlineData("{\"jwks_uri\":\"http://issuer.test/keys\"}")]
    [InlineData("<html>")]
    public async Task Validate_MetadataIsSomethingElse_RefusesTheTokenAndNothingFails(string metadata)
    {
        using Issuer issuer = new() { Metadata = metadata };
        (await issuer.Validator.ValidateAsync(issuer.Token(), default)).Reason.Should().Be("invalid_token");
        issuer.Metadata = null;
        issuer.Clock.Advance(TimeSpan.FromSeconds(31));
        (await issuer.Validator.ValidateAsync(issuer.Token(), default)).Caller.Should().NotBeNull();
    }

    [Fact]
    public async Task Validate_WhileTheIssuerIsDown_GoesOnWithTheKeysItHas()
    {
        using Issuer issuer = new();
        string token = issuer.Token(expires: TimeSpan.FromHours(2));
        (await issuer.Validator.ValidateAsync(token, default)).Caller.Should().NotBeNull();
        issuer.Down = true;
        issuer.Clock.Advance(TimeSpan.FromHours(1));
        using RSA rsa = RSA.Create(2048);
        await issuer.Validator.ValidateAsync(issuer.Token(signing: new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = "stranger" }, SecurityAlgorithms.RsaSha256)), default);
        (await issuer.Validator.ValidateAsync(token, default)).Caller.Should().NotBeNull();
    }
}
