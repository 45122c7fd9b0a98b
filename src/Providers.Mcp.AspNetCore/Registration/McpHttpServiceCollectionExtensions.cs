using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.AspNetCore.Authentication;
using ModelContextProtocol.Authentication;
using Providers.Mcp;
using Providers.Mcp.Guard;
using Providers.Mcp.Registration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Serves a MCP server over HTTP, guarded.</summary>
public static class McpHttpServiceCollectionExtensions
{
    /// <summary>
    /// Serves over Streamable HTTP: clients of revision 2026-07-28 without sessions, older ones with. Map it by <c>app.MapGuardedMcp()</c>.
    /// </summary>
    /// <param name="builder">The server's builder.</param>
    /// <param name="configure">Changes what is let in; <see langword="null"/>: this machine's loopback only.</param>
    /// <returns>The builder.</returns>
    public static IMcpServerBuilder WithGuardedHttpTransport(this IMcpServerBuilder builder, Action<McpHttpOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.WithDoorOptions(static _ => { });
        builder.Services.AddOptions<McpHttpOptions>().ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<McpHttpOptions>, McpHttpOptionsCheck>());
        builder.Services.TryAddSingleton<HttpGuard>();
        if (configure is not null)
        {
            builder.Services.Configure(configure);
        }

        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HttpServerTransportOptions>, SessionEnd>());
        return builder.WithHttpTransport(static o => o.SessionMode = HttpServerSessionMode.StatefulForInitializeClients);
    }

    /// <summary>
    /// Asks every caller for a bearer token of an authorization server, made out for this one, and tells clients where to get it (RFC 9728). The
    /// tenant and the scopes come from the token's claims (<see cref="McpDoorOptions"/>).
    /// </summary>
    /// <param name="builder">The server's builder.</param>
    /// <param name="configure">Says whose tokens.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The authority or the resource is missing or no address.</exception>
    public static IMcpServerBuilder WithBearerTokens(this IMcpServerBuilder builder, Action<McpBearerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        McpBearerOptions options = new();
        configure(options);
        Check(options);
        builder.Services.AddAuthentication(static o =>
        {
            o.DefaultAuthenticateScheme = JwtBearerDefaults.AuthenticationScheme;
            o.DefaultChallengeScheme = McpAuthenticationDefaults.AuthenticationScheme;
        }).AddJwtBearer(token =>
        {
            token.Authority = options.Authority;
            token.MapInboundClaims = false;
            token.TokenValidationParameters.ValidAudience = options.Resource;
            token.TokenValidationParameters.ValidIssuer = options.Authority;
            token.TokenValidationParameters.ClockSkew = options.ClockSkew;
            token.TokenValidationParameters.ValidAlgorithms = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"];
            token.TokenValidationParameters.RequireExpirationTime = true;
            options.ConfigureToken?.Invoke(token);
        }).AddMcp(mcp => mcp.ResourceMetadata = new ProtectedResourceMetadata
        {
            Resource = options.Resource,
            AuthorizationServers = [options.Authority!],
            ScopesSupported = [.. options.AdvertisedScopes],
            BearerMethodsSupported = ["header"],
        });
        builder.Services.AddAuthorization();
        builder.Services.TryAddSingleton<TokensWanted>();
        return builder;
    }

    private static void Check(McpBearerOptions options)
    {
        if (!Uri.TryCreate(options.Authority, UriKind.Absolute, out _))
        {
            throw new ArgumentException($"Authority is '{options.Authority}'; the address of the authorization server is needed.", nameof(options));
        }

        if (!Uri.TryCreate(options.Resource, UriKind.Absolute, out _))
        {
            throw new ArgumentException($"Resource is '{options.Resource}'; this server's own address, as tokens name it in their audience, is needed.", nameof(options));
        }

        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > TimeSpan.FromMinutes(5))
        {
            throw new ArgumentException($"ClockSkew is {options.ClockSkew}; zero to 5 minutes is allowed.", nameof(options));
        }
    }
}
