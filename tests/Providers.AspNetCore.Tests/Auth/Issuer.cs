using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Providers.AspNetCore.Auth;

namespace Providers.AspNetCore.Tests.Auth;

/// <summary>An issuer of tokens with keys of its own, and the validator that trusts it.</summary>
internal sealed class Issuer : HttpMessageHandler
{
    public const string Name = "https://issuer.test";
    public const string Audience = "providers";

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private RSA _rsa = RSA.Create(2048);
    private int _fetches;
    private int _number = 1;

    public Issuer(Action<GatewayJwtOptions>? configure = null)
    {
        GatewayJwtOptions options = new() { Issuer = Name, Audience = Audience };
        configure?.Invoke(options);
        Validator = new JwtValidator(options, new JwksCache(options, new HttpClient(this, disposeHandler: false), Clock, NullLogger.Instance), Clock);
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    public JwtValidator Validator { get; }

    public bool Down { get; set; }

    /// <summary>Gets or sets what stands where the metadata should be; <see langword="null"/>: the metadata.</summary>
    public string? Metadata { get; set; }

    public int Fetches => Volatile.Read(ref _fetches);

    public string KeyId => $"key-{_number}";

    public void Rotate()
    {
        _rsa = RSA.Create(2048);
        _number++;
    }

    public string PublicPem() => _rsa.ExportSubjectPublicKeyInfoPem();

    public string Token(Action<Dictionary<string, object>>? claims = null, string type = "at+jwt", SigningCredentials? signing = null, TimeSpan? expires = null, TimeSpan? notBefore = null)
    {
        Dictionary<string, object> all = new() { ["sub"] = "anna", ["tenant"] = "acme", ["scope"] = "chat memory:read openid" };
        claims?.Invoke(all);
        DateTime now = Clock.GetUtcNow().UtcDateTime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = all.ContainsKey("iss") ? null : Name,
            Audience = all.ContainsKey("aud") ? null : Audience,
            Claims = all,
            TokenType = type,
            Expires = now + (expires ?? TimeSpan.FromMinutes(5)),
            NotBefore = now + (notBefore ?? TimeSpan.Zero),
            IssuedAt = null,
            SigningCredentials = signing ?? new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = KeyId }, SecurityAlgorithms.RsaSha256),
        });
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _fetches);
        if (Down)
        {
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.InternalServerError));
        }

        string json = request.RequestUri!.AbsolutePath.EndsWith("openid-configuration", StringComparison.Ordinal) ? Metadata ?? $$"""{"issuer":"{{Name}}","jwks_uri":"{{Name}}/keys"}""" : Keys();
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") });
    }

    private string Keys()
    {
        RSAParameters key = _rsa.ExportParameters(false);
        return $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{KeyId}}","alg":"RS256","n":"{{Base64UrlEncoder.Encode(key.Modulus)}}","e":"{{Base64UrlEncoder.Encode(key.Exponent)}}"}]}""";
    }
}
