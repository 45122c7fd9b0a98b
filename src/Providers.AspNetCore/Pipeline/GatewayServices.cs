using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Providers.AspNetCore.Auth;
using Providers.AspNetCore.Health;
using Providers.AspNetCore.Limits;
using Providers.AspNetCore.Status;

namespace Providers.AspNetCore.Pipeline;

/// <summary>What every request needs: one per host.</summary>
internal sealed class GatewayServices(IOptions<GatewayOptions> options, Authenticator authenticator, DrainState drain, TimeProvider clock, ILogger<GatewayServices> logger)
{
    public GatewayOptions Options { get; } = options.Value;

    public Authenticator Authenticator => authenticator;

    public Admission Admission { get; } = new(options.Value.Limits, clock);

    public TrafficWindow Traffic { get; } = new(clock);

    public DrainState Drain => drain;

    public TimeProvider Clock => clock;

    public ILogger Logger => logger;
}
