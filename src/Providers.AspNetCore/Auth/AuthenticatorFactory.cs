using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Providers.AspNetCore.Auth;

/// <summary>Sets up who may come in. A door that would be open outside Development is not opened at all.</summary>
internal static class AuthenticatorFactory
{
    /// <exception cref="InvalidOperationException">The door would be open outside Development.</exception>
    public static Authenticator Create(IServiceProvider services)
    {
        GatewayAuthenticationOptions options = services.GetRequiredService<IOptions<GatewayOptions>>().Value.Authentication;
        IHostEnvironment environment = services.GetRequiredService<IHostEnvironment>();
        IApiKeyStore keys = services.GetRequiredService<IApiKeyStore>();
        TimeProvider clock = services.GetRequiredService<TimeProvider>();
        bool closed = options.KeyFile is not null || options.Jwt is not null || keys is not FileApiKeyStore;
        bool open = options.Open ?? !closed;
        if (open && !environment.IsDevelopment())
        {
            throw new InvalidOperationException(
                $"The REST door would be open to everybody, which is allowed in Development alone; this is {environment.EnvironmentName}. Set Authentication:KeyFile or Authentication:Jwt, register an IApiKeyStore{(options.Open is true ? ", and take Authentication:Open away" : "")}.");
        }

        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Providers.AspNetCore");
        if (open)
        {
            logger.DoorIsOpen();
        }

#pragma warning disable CA2000 // The cache lives as long as the authenticator, which lives as long as the host.
        JwtValidator? tokens = options.Jwt is { } jwt
            ? new JwtValidator(jwt, new JwksCache(jwt, new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }), clock, logger), clock)
            : null;
#pragma warning restore CA2000
        return new Authenticator(open, keys, tokens, clock);
    }
}
