using System.Diagnostics;
using System.Globalization;
using Providers.Fuzz.Targets;

namespace Providers.Fuzz;

/// <summary>
/// Every reader of what comes from outside, on inputs that are almost right. FUZZ sets how many each gets (without it a few hundred), FUZZ_SEED another
/// seed; an input that a reader does not bear is kept in FUZZ_KEEP, or beside the tests, and its number printed: FUZZ_ONLY_INPUT=number replays it.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly int Wanted = Number("FUZZ") ?? 300;
    private static readonly int Seed = Number("FUZZ_SEED") ?? 20261126;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly FuzzTarget[] Targets =
    [
        new MlxEvents(), new OpenAIEvents(), new OllamaLines(), new ErrorBodies(), new Cursors(), new Searches(), new MemoryBodies(), new ChatRequests(), new MemoryImports(), new VectorFiles(), new VectorLogs(), new RecordLogs(),
    ];

    public static TheoryData<string> Names => [.. Targets.Select(static t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Reader_AnyInput_AcceptsOrRefuses(string name)
    {
        FuzzTarget target = Targets.Single(t => t.Name == name);
        foreach (byte[] seed in target.Seeds)
        {
            (await target.ReadAsync(seed)).Should().BeTrue("the inputs that others are made of are right");
        }

        Mutator mutator = new(target, Seed);
        int accepted = 0, from = 0, to = Wanted;
        if (Number("FUZZ_ONLY_INPUT") is { } only)
        {
            (from, to) = (only, only + 1);
        }

        long started = Stopwatch.GetTimestamp(), told = started;
        for (int number = from; number < to; number++)
        {
            byte[] input = mutator.Make(number);
            try
            {
                accepted += await Task.Run(() => target.ReadAsync(input)).WaitAsync(Patience, TestContext.Current.CancellationToken) ? 1 : 0;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                string kept = Path.Combine(Environment.GetEnvironmentVariable("FUZZ_KEEP") is { Length: > 0 } folder ? folder : AppContext.BaseDirectory, $"{name}-{Seed}-{number}.bin");
                await File.WriteAllBytesAsync(kept, input, TestContext.Current.CancellationToken);
                throw new InvalidOperationException($"{name} did not bear input {number} of seed {Seed}, {input.Length} bytes, kept in {kept}: {e.GetType().Name}: {e.Message}", e);
            }

            if (Stopwatch.GetElapsedTime(told) > TimeSpan.FromSeconds(20))
            {
                told = Stopwatch.GetTimestamp();
                output.WriteLine($"{name}: {number} of {to}");
            }
        }

        output.WriteLine($"{name}: {to - from} inputs of seed {Seed}, {accepted} accepted, {to - from - accepted} refused, none crashed; {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
    }

    private static int? Number(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
