namespace Providers.AspNetCore.Tests.BadInputs;

/// <summary>One row of the table.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Input">What is sent.</param>
/// <param name="Check">Sends it and checks the answer; <see langword="null"/>: it belongs elsewhere.</param>
internal sealed record BadInput(int Number, string Input, Func<BadInputHost, Task>? Check)
{
    /// <summary>Gets where the row is tested when it is another part's.</summary>
    public string? Elsewhere { get; init; }

    /// <summary>Gets a value indicating whether the row stores something on purpose.</summary>
    public bool Stores { get; init; }

    public static BadInput Of(int number, string input, string elsewhere) => new(number, input, null) { Elsewhere = elsewhere };

    public override string ToString() => $"{Number}: {Input}";
}
