using System.Globalization;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.Pipeline;

/// <summary>Until when a request is worked on: while the client stays, the host lives, and the client's own deadline lasts.</summary>
internal sealed class RequestTime : IDisposable
{
    private const string Header = "X-Request-Deadline-Ms";

    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource _any;

    public RequestTime(Exchange exchange)
    {
        CancellationToken cut = exchange.Services.Drain.Cut;
        var header = exchange.Request.Headers[Header];
        if (header.Count == 0)
        {
            _any = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, cut);
            return;
        }

        if (!int.TryParse(header.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds) || milliseconds is < 1 or > 86_400_000)
        {
            throw new ApiException("invalid_request", $"{Header} must be 1 to 86400000 milliseconds.", Header);
        }

        _deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds), exchange.Services.Clock);
        _any = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, cut, _deadline.Token);
    }

    public CancellationToken Token => _any.Token;

    public void Dispose()
    {
        _any.Dispose();
        _deadline?.Dispose();
    }
}
