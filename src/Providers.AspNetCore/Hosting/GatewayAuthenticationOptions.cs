namespace Providers.AspNetCore;

/// <summary>Who may come in: holders of API keys, bearers of tokens, or, in Development alone, everybody.</summary>
public sealed class GatewayAuthenticationOptions
{
    /// <summary>Gets or sets a value indicating whether everybody may do everything, as tenant <c>default</c>. Outside Development the host refuses to start with it.</summary>
    /// <value><see langword="null"/> (the default): open in Development where neither keys nor tokens are set up, closed everywhere else.</value>
    public bool? Open { get; set; }

    /// <summary>Gets or sets the file that holds the API keys, hashed. It is created with mode 0600 when the first key is issued, and read again within a second when another process has changed it.</summary>
    /// <value><see langword="null"/> (the default): none; keys come from an <see cref="IApiKeyStore"/> of the host's own, or there are none.</value>
    public string? KeyFile { get; set; }

    /// <summary>Gets or sets whose tokens are taken.</summary>
    /// <value><see langword="null"/> (the default): nobody's.</value>
    public GatewayJwtOptions? Jwt { get; set; }
}
