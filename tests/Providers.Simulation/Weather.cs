namespace Providers.Simulation;

/// <summary>What befalls one target over time: stretches of one kind each, drawn from a seed.</summary>
internal sealed class Weather
{
    private readonly List<(TimeSpan Until, Condition Condition)> _stretches = [];

    private Weather()
    {
    }

    /// <summary>The same all the time.</summary>
    public static Weather Always(Condition condition)
    {
        Weather weather = new();
        weather._stretches.Add((TimeSpan.MaxValue, condition));
        return weather;
    }

    /// <summary>One condition, then another from a moment on.</summary>
    public static Weather From(Condition before, TimeSpan at, Condition after)
    {
        Weather weather = Always(after);
        weather._stretches.Insert(0, (at, before));
        return weather;
    }

    /// <summary>Fair and foul in turn, a minute each on average.</summary>
    public static Weather Changing(Random random, TimeSpan length)
    {
        Weather weather = new();
        Condition[] foul = [Condition.Refusing, Condition.Silent, Condition.HalfFailing, Condition.Limited, Condition.Cutting, Condition.Frozen, Condition.Overloaded];
        TimeSpan at = TimeSpan.Zero;
        bool fair = random.Next(2) == 0;
        while (at < length)
        {
            at += TimeSpan.FromSeconds(5 + random.Next(110));
            weather._stretches.Add((at, fair ? Condition.Fair : foul[random.Next(foul.Length)]));
            fair = !fair;
        }

        weather._stretches.Add((TimeSpan.MaxValue, Condition.Fair));
        return weather;
    }

    public Condition At(TimeSpan time) => _stretches.Find(s => time < s.Until).Condition;
}

/// <summary>How a target behaves for a while.</summary>
internal enum Condition
{
    Fair,
    Refusing,
    Silent,
    HalfFailing,
    Limited,
    Cutting,
    Frozen,
    Overloaded,
}
