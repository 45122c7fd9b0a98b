namespace Providers.Testing;

/// <summary>A clock the wall can move. Wraps a fake time provider, so that this package needs none.</summary>
public interface IVirtualClock
{
    /// <summary>Gets the time the targets and the subject run on.</summary>
    TimeProvider Provider { get; }

    /// <summary>Moves the clock and fires what is due.</summary>
    /// <param name="time">How far; more than 0.</param>
    void Advance(TimeSpan time);
}
