namespace Providers.AspNetCore.Auth;

/// <summary>What became of a caller's credentials.</summary>
/// <param name="Caller">Who it is; <see langword="null"/>: nobody we know.</param>
/// <param name="Reason">Why not, for metrics and logs; the caller is always told the same.</param>
/// <param name="Forbidden">Whether the credentials are good and lack a tenant.</param>
internal readonly record struct AuthOutcome(Caller? Caller, string Reason = "", bool Forbidden = false)
{
    public static AuthOutcome Refused(string reason) => new(null, reason);
}
