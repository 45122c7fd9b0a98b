namespace Providers.Http;

/// <summary>Where and as whom to fetch OAuth 2 access tokens by the client-credentials grant.</summary>
public sealed class ClientCredentialsOptions
{
    /// <summary>Gets or sets the authorization server's token endpoint: <c>https</c>, or plain <c>http</c> to this machine.</summary>
    /// <value>Must be set.</value>
    public Uri? TokenEndpoint { get; set; }

    /// <summary>Gets or sets the client's id.</summary>
    /// <value>Must not be empty.</value>
    public string ClientId { get; set; } = "";

    /// <summary>Gets or sets what reads the client's secret, before each fetch, so that it rotates without a restart.</summary>
    /// <value>Must be set.</value>
    public Func<CancellationToken, ValueTask<string>>? ClientSecret { get; set; }

    /// <summary>Gets or sets the scopes asked for, separated by spaces.</summary>
    /// <value><see langword="null"/> (the default): those the server gives by itself.</value>
    public string? Scope { get; set; }

    /// <summary>Gets or sets the audience asked for, where the server wants one.</summary>
    /// <value><see langword="null"/> (the default): none.</value>
    public string? Audience { get; set; }

    /// <summary>Gets or sets how long one fetch may take.</summary>
    /// <value>00:00:00.100 to 00:05:00. Default: 10 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    internal ClientCredentialsOptions Validated()
    {
        if (TokenEndpoint is not { IsAbsoluteUri: true } endpoint || !(endpoint.Scheme == Uri.UriSchemeHttps || (endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback)))
        {
            throw new ArgumentException("TokenEndpoint must be an https address; http only to this machine, since the secret travels in the request.");
        }

        ArgumentException.ThrowIfNullOrWhiteSpace(ClientId);
        ArgumentNullException.ThrowIfNull(ClientSecret);
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.FromMilliseconds(100));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Timeout, TimeSpan.FromMinutes(5));
        return (ClientCredentialsOptions)MemberwiseClone();
    }
}
