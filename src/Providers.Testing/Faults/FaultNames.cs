using System.Globalization;

namespace Providers.Testing.Faults;

/// <summary>Faults by model name: <c>fault:reset</c>, <c>fault:429:2</c> (status, Retry-After), <c>fault:cut:40</c> (tokens), <c>fault:S06</c> (a scenario of the wall).</summary>
internal static class FaultNames
{
    public const string Prefix = "fault:";

    public static Fault Find(string model, int nth)
    {
        string[] parts = model[Prefix.Length..].Split(':');
        string argument = parts.Length > 1 ? parts[1] : "";
        int count = int.TryParse(argument, CultureInfo.InvariantCulture, out int n) ? n : 0;
        TimeSpan delay = double.TryParse(argument, CultureInfo.InvariantCulture, out double seconds) ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan;
        if (ScenarioFaults.Find(parts[0]) is { } script)
        {
            return script.At(nth);
        }

        return parts[0] switch
        {
            "none" => Fault.None,
            "reset" => Fault.Reset,
            "drop" => Fault.Drop,
            "hang" => Fault.Hang,
            "refuse" => Fault.Refuse(delay),
            "headers" => Fault.DelayHeaders(delay),
            "first" => Fault.DelayFirstToken(delay),
            "interval" => Fault.TokenEvery(delay),
            "load" => Fault.Load(delay),
            "keepalive" => Fault.KeepAlive(delay),
            "stall" => Fault.StallAfter(count),
            "cut" => Fault.CutAfter(count),
            "cutbytes" => Fault.CutAfterBytes(count),
            "end" => Fault.EndAfter(count),
            "malformed" => Fault.MalformedAfter(count),
            "error" => Fault.ErrorAfter(count),
            "open" => Fault.OpenAfterFinish,
            "html" => Fault.Html,
            "empty" => Fault.Empty,
            "wrongjson" => Fault.WrongJson,
            "huge" => Fault.HugeBody(count),
            "endless" => Fault.EndlessLine,
            "utf8" => Fault.BrokenUtf8,
            "usage" => Fault.UsageWithChoices,
            "toolcut" => Fault.CutToolCall,
            "count" => Fault.WrongCount,
            "dimensions" => Fault.WrongDimensions,
            "nan" => Fault.NotFinite,
            "zero" => Fault.Zero,
            _ when int.TryParse(parts[0], CultureInfo.InvariantCulture, out int code) && code is >= 400 and <= 599 => Fault.Status(code, argument.Length > 0 ? argument : null),
            _ => throw new FormatException($"No fault has the name '{model}'."),
        };
    }
}
