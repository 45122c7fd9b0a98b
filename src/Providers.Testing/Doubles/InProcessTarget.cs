using System.Globalization;
using Providers.Testing.Faults;
using Providers.Testing.Logs;
using Providers.Testing.Servers;

namespace Providers.Testing.Doubles;

/// <summary>What chat and embedding doubles share: the log, the faults, being down, loading.</summary>
internal sealed class InProcessTarget(string name, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly LoadGate _load = new(clock);
    private DateTimeOffset _downUntil;

    public string Name => name;

    public TimeProvider Clock => clock;

    public RequestLog Log { get; } = new(clock);

    public FaultScript Faults { get; } = new();

    public LoggedRequest Begin(string path, string? model, string body)
    {
        LoggedRequest request = Log.Add(path, model, body);
        DateTimeOffset now = clock.GetUtcNow();
        lock (_gate)
        {
            if (now < _downUntil)
            {
                request.Fault = Fault.Refuse(_downUntil - now);
                return request;
            }

            request.Fault = Faults.Next(path, model, inference: true);
            if (request.Fault.Kind is FaultKind.Refuse)
            {
                _downUntil = request.Fault.Delay == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : now + request.Fault.Delay;
            }
        }

        return request;
    }

    public void GoDown(TimeSpan duration)
    {
        lock (_gate)
        {
            _downUntil = clock.GetUtcNow() + duration;
        }
    }

    public Task LoadAsync(Fault fault, CancellationToken token) => fault.Kind is FaultKind.Load ? _load.WaitAsync(fault.Delay, token) : Task.CompletedTask;

    public ProviderException Error(Fault fault, string? model) => new(Failure(fault), name, model);

    /// <summary>What an adapter would make of the fault.</summary>
    private static ProviderFailure Failure(Fault fault)
    {
        string message = fault.Kind is FaultKind.Status ? Wires.ErrorReply.Of(fault).Message : fault.Text ?? $"{fault} on cue";
        return fault.Kind switch
        {
            FaultKind.Status => new ProviderFailure(KindOf(fault.Code, fault.Reason), message) { Status = fault.Code, Code = fault.Reason, RetryAfter = Seconds(fault.Retry) },
            FaultKind.Refuse or FaultKind.Reset or FaultKind.Drop or FaultKind.Cut or FaultKind.CutBytes => new ProviderFailure(FailureKind.ConnectionLost, message),
            FaultKind.Error => new ProviderFailure(FailureKind.Transient, message),
            _ => new ProviderFailure(FailureKind.InvalidResponse, message),
        };
    }

    private static FailureKind KindOf(int status, string? reason) => (status, reason) switch
    {
        (_, "context_length_exceeded") => FailureKind.ContextLengthExceeded,
        (_, "content_policy_violation" or "content_filter") => FailureKind.ContentFiltered,
        (402, _) or (_, "insufficient_quota") => FailureKind.QuotaExhausted,
        (401 or 403, _) => FailureKind.AuthFailed,
        (404, _) => FailureKind.ModelMissing,
        (429, _) => FailureKind.RateLimited,
        (503, "loading") => FailureKind.ModelLoading,
        (503, _) => FailureKind.Overloaded,
        ( >= 500, _) => FailureKind.Transient,
        _ => FailureKind.BadRequest,
    };

    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out double seconds) ? TimeSpan.FromSeconds(seconds) : null;
}
